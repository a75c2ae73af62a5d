"""The report of a message and the same as CSV."""

from flask import Response, render_template, request
from flask_login import current_user

from webapp.broadcasts import access
from webapp.broadcasts.remedies import BOUNCED, OF_STATES
from webapp.errors import NotFound
from webapp.mail.outbox.counters import UNFINISHED
from webapp.reports.message import STEPS, Report, domains, export, report, words_of
from webapp.reports.routes import blueprint
from webapp.web.access import needs
from webapp.web.pages import asked_page, cut
from webapp.web.session import db


@blueprint.get("/messages/<int:broadcast_id>/report")
@needs(*access.READS)
def message(broadcast_id: int) -> str:
    see = _report(broadcast_id)
    search, sort = request.args.get("q", "").strip(), request.args.get("sort", "")
    return render_template(
        "reports/message.html",
        see=see,
        broadcast=see.broadcast,
        steps=STEPS,
        words_of=words_of,
        bounced=BOUNCED,
        remedy_of=OF_STATES.get,
        waiting=sum(see.counts[state] for state in UNFINISHED),
        page=cut(domains(see.parts, search, sort), asked_page()),
        search=search,
        sort=sort,
    )


@blueprint.get("/messages/<int:broadcast_id>/report.csv")
@needs(*access.READS)
def message_csv(broadcast_id: int) -> Response:
    response = Response("".join(export(_report(broadcast_id))), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="report-{broadcast_id}.csv"'
    return response


def _report(broadcast_id: int) -> Report:
    broadcast = access.find(db(), current_user, broadcast_id)
    if broadcast.mailing is None:
        raise NotFound("This message is still a draft, so there is nothing to report yet.")
    return report(db(), current_user, broadcast, broadcast.mailing)
