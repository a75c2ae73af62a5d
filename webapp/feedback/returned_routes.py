"""What came back by mail, with the sentence that says what it led to and why; also what belongs to no mail of ours."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Select, select
from sqlalchemy.orm import defer
from werkzeug import Response as Answer

from webapp.db import begins_with
from webapp.errors import Invalid, NotFound
from webapp.feedback import unmatched
from webapp.feedback.forms import ChoiceForm
from webapp.feedback.models import ReturnedMail
from webapp.feedback.routes import blueprint
from webapp.mail.models import OutboxMail
from webapp.web.access import needs
from webapp.web.pages import asked_page, paginate
from webapp.web.session import db

RIGHT = "manage_suppressions"
UNMATCHED = "unmatched"
KINDS = {
    UNMATCHED: "Belongs to no mail of ours",
    unmatched.DISMISSED: "Dismissed",
    "bounce": "Bounce",
    "complaint": "Complaint",
    "auto_reply": "Automatic answer",
    "other": "Answer or anything else",
    "unreadable": "Could not be read",
}
SHOWN = 40_000  # characters of a mail on its page; the whole is for download


@blueprint.get("/delivery/returned")
@needs(RIGHT)
def returned() -> str:
    search, kind = request.args.get("q", "").strip(), request.args.get("kind", "")
    sort = request.args.get("sort", "")
    return render_template(
        "feedback/returned.html",
        page=paginate(db(), _listed(search, kind, sort), number=asked_page()),
        search=search,
        kind=kind,
        sort=sort,
        kinds=KINDS,
        press=ChoiceForm(),
    )


@blueprint.post("/delivery/returned/dismiss")
@needs(RIGHT)
def dismiss_returned() -> Answer:
    """One or many; the page that it was pressed on is the one that it leads back to."""
    try:
        count = unmatched.dismiss(
            db(), current_user, request.form.getlist("number", type=int), request.form.get("why", "")
        )
    except Invalid as error:
        flash(" ".join(error.problems.values()), "bad")
    else:
        flash(
            f"{count} of them dismissed. They stay under “Dismissed”." if count else "None of them was open.",
            "ok",
        )
    return redirect(url_for("feedback.returned", kind=UNMATCHED))


@blueprint.get("/delivery/returned/<int:number>")
@needs(RIGHT)
def returned_mail(number: int) -> str:
    """As plain text: nothing of a mail from outside is drawn or loaded."""
    found = _find(number)
    mail = db().get(OutboxMail, found.mail_id) if found.mail_id else None
    text = found.raw[: SHOWN * 4].decode("utf-8", "replace")[:SHOWN]
    return render_template(
        "feedback/returned_mail.html",
        returned=found,
        mail=mail,
        text=text,
        kinds=KINDS,
        cut=len(text) == SHOWN,
        is_open=found.mail_id is None and found.kind != "" and not found.settled,
        press=ChoiceForm(),
    )


@blueprint.get("/delivery/returned/<int:number>.eml")
@needs(RIGHT)
def returned_raw(number: int) -> Response:
    response = Response(_find(number).raw, mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="returned-{number}.eml"'
    return response


def _listed(search: str, kind: str, sort: str) -> Select[ReturnedMail]:
    order = ReturnedMail.id.asc() if sort == "oldest" else ReturnedMail.id.desc()
    query = select(ReturnedMail).options(defer(ReturnedMail.raw)).order_by(order)
    if search:
        query = query.where(begins_with(ReturnedMail.sender, search))
    if kind == UNMATCHED:
        return query.where(unmatched.is_open())
    if kind == unmatched.DISMISSED:
        return query.where(ReturnedMail.settled == unmatched.DISMISSED)
    return query.where(ReturnedMail.kind == kind) if kind in KINDS else query


def _find(number: int) -> ReturnedMail:
    found = db().get(ReturnedMail, number)
    if found is None:
        raise NotFound("There is no such mail (any more).")
    return found
