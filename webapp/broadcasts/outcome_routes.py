"""What became of a message: its page, its progress every three seconds, each mail's evidence, the export."""

from collections.abc import Iterator

from flask import Response, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from webapp.affiliates import finding
from webapp.broadcasts import access, outcomes, remedies
from webapp.broadcasts.models import Broadcast
from webapp.broadcasts.routes import blueprint
from webapp.broadcasts.standing import Standing
from webapp.desk import Desk
from webapp.errors import NotFound
from webapp.mail import events
from webapp.mail.models import Mailing
from webapp.mail.outbox import outcomes as evidence
from webapp.tracking import figures
from webapp.tracking.machines import WORDS
from webapp.web.access import needs
from webapp.web.pages import asked_page, paginate
from webapp.web.session import db, desk

POLLING_ENDS = 286


@blueprint.get("/<int:broadcast_id>")
@needs(*access.READS)
def show(broadcast_id: int) -> AnyResponse | str:
    broadcast = access.find(db(), current_user, broadcast_id)
    if broadcast.mailing is None:
        return redirect(url_for("broadcasts.edit", broadcast_id=broadcast.id))
    standing = Standing.of(db(), broadcast)
    after = outcomes.afterwards(db(), broadcast.mailing.id)
    wanted = _wanted(broadcast.mailing.id, standing, after)
    known = None if wanted.search else wanted.listed
    return render_template(
        "broadcasts/show.html",
        broadcast=broadcast,
        at=standing,
        afterwards=after,
        clicked=figures.of_mailing(db(), broadcast.mailing.id) if broadcast.counts_clicks else None,
        page=paginate(db(), outcomes.table(wanted), total=known, number=asked_page()),  # type: ignore[arg-type]
        wanted=wanted,
        unreached=outcomes.unreached(standing.counts, after),
        came_back=remedies.BOUNCED,
        more_match=not wanted.few and finding.too_many(db(), wanted.search, addresses=True),
    )


def _wanted(mailing_id: int, standing: Standing, after: dict[str, int]) -> outcomes.Wanted:
    state = request.args.get("state", standing.first_tab)
    lists = {**standing.counts, **after, outcomes.UNREACHED: outcomes.unreached(standing.counts, after)}
    return outcomes.Wanted(
        mailing_id,
        listed=lists.get(state, standing.total),
        state=state,
        search=request.args.get("q", "").strip(),
        sort=request.args.get("sort", ""),
    )


@blueprint.get("/<int:broadcast_id>/progress")
@needs(*access.READS)
def progress(broadcast_id: int) -> tuple[str, int] | AnyResponse:
    """The moving part of the page; 286 tells the page to stop asking."""
    broadcast, _ = _started(broadcast_id)
    if not request.headers.get("HX-Request"):
        return redirect(url_for("broadcasts.show", broadcast_id=broadcast.id))
    standing = Standing.of(db(), broadcast)
    answer = render_template("broadcasts/_progress.html", broadcast=broadcast, at=standing, part=True)
    return answer, 200 if standing.moving else POLLING_ENDS


@blueprint.get("/<int:broadcast_id>/mails/<int:mail_id>")
@needs(*access.READS)
def mail(broadcast_id: int, mail_id: int) -> str:
    broadcast, mailing = _started(broadcast_id)
    row, affiliate = outcomes.find(db(), mailing.id, mail_id)
    return render_template(
        "broadcasts/mail.html",
        broadcast=broadcast,
        mail=row,
        affiliate=affiliate,
        attempts=evidence.attempts(db(), row.id),
        events=events.of_mail(db(), row.id),
        clicks=figures.of_mail(db(), row.id) if broadcast.counts_clicks else [],
        links=mailing.content.draft.get("links", []),
        machines=WORDS,
    )


@blueprint.get("/<int:broadcast_id>/outcome.csv")
@needs(*access.READS)
def outcome_csv(broadcast_id: int) -> Response:
    """Streamed from a session of its own, since the request's ends before the last line is read."""
    _, mailing = _started(broadcast_id)
    response = Response(_lines(desk(), mailing.id), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="outcome-{broadcast_id}.csv"'
    return response


def _lines(opened: Desk, mailing_id: int) -> Iterator[str]:
    session: Session
    with opened.reading() as session:
        yield from outcomes.export(session, session.get_one(Mailing, mailing_id))


def _started(broadcast_id: int) -> tuple[Broadcast, Mailing]:
    broadcast = access.find(db(), current_user, broadcast_id)
    if broadcast.mailing is None:
        raise NotFound("This message is still a draft, so there is no outcome yet.")
    return broadcast, broadcast.mailing
