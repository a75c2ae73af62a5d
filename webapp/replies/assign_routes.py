"""Returned mail that names nobody, given to the affiliate whom a person recognises in it."""

from flask import flash, redirect, request, url_for
from werkzeug import Response

from webapp.affiliates import access, erasing
from webapp.affiliates.models import Affiliate
from webapp.affiliates.routes import me
from webapp.errors import Conflict, Invalid, NotAllowed, NotFound
from webapp.feedback.reader_process import PatientReader, Unreadable
from webapp.replies import assigning
from webapp.replies.routes import RIGHT, blueprint
from webapp.web.access import needs
from webapp.web.session import db, release


@blueprint.post("/delivery/returned/<int:number>/assign")
@needs("manage_suppressions")
def assign_returned(number: int) -> Response:
    if not access.sees_details(me()):
        raise NotAllowed(RIGHT)
    raw = assigning.open_mail(db(), number).raw
    release()  # reading takes its time, in a process of its own
    try:
        with PatientReader() as reader:
            reading = reader(raw)
        affiliate = _named(request.form.get("who", "").strip())
        reply = assigning.assign(db(), me(), number, affiliate, reading)
    except (Conflict, Invalid, NotFound, Unreadable) as error:
        words = (
            "This mail can’t be read, so it can’t become a reply."
            if isinstance(error, Unreadable)
            else str(error)
        )
        flash(words, "bad")
        return redirect(url_for("feedback.returned_mail", number=number))
    flash("It stands with the affiliate now, as a reply that proves nothing of its sender.", "ok")
    return redirect(url_for("replies.show", key=reply.id))


def _named(who: str) -> Affiliate:
    """One that is not there and one of a colleague's are refused alike."""
    try:
        return access.get(db(), me(), erasing.find(db(), who).id)
    except NotFound as error:
        raise NotFound(
            f"You see no affiliate with the ID or address “{who[:100]}”. Check how it is written."
        ) from error
