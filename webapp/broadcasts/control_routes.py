"""Pause, resume, cancel, send again. What can't be taken back is asked for first, on a page of its own."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.accounts import audit
from webapp.broadcasts import access, starting
from webapp.broadcasts.models import Broadcast
from webapp.broadcasts.routes import blueprint
from webapp.errors import NotFound
from webapp.mail.outbox import again, control
from webapp.mail.outbox.outcomes import progress
from webapp.web.access import needs
from webapp.web.session import db


@blueprint.post("/<int:broadcast_id>/pause")
@needs(*access.WRITES)
def pause(broadcast_id: int) -> Response:
    broadcast, mailing_id = _steered(broadcast_id)
    control.pause(db(), mailing_id)
    audit.record(db(), current_user, "message.paused", broadcast.name)
    flash("Paused. Nothing more leaves until you resume.", "info")
    return _back(broadcast)


@blueprint.post("/<int:broadcast_id>/resume")
@needs(*access.WRITES)
def resume(broadcast_id: int) -> Response:
    broadcast, mailing_id = _steered(broadcast_id)
    starting.check(db(), current_user, broadcast)
    control.resume(db(), mailing_id)
    audit.record(db(), current_user, "message.resumed", broadcast.name)
    flash("It goes on.", "ok")
    return _back(broadcast)


@blueprint.route("/<int:broadcast_id>/cancel", methods=["GET", "POST"])
@needs(*access.WRITES)
def cancel(broadcast_id: int) -> Response | str:
    broadcast, mailing_id = _steered(broadcast_id)
    if request.method == "GET":
        return render_template("broadcasts/cancel.html", broadcast=broadcast, at=progress(db(), mailing_id))
    mailing = control.cancel(db(), mailing_id)
    audit.record(db(), current_user, "message.cancelled", broadcast.name)
    flash(f"Cancelled. {mailing.cancelled:,} mails were stopped before they left.", "ok")
    return _back(broadcast)


@blueprint.route("/<int:broadcast_id>/resend/<which>", methods=["GET", "POST"])
@needs(*access.WRITES)
def resend(broadcast_id: int, which: str) -> Response | str:
    broadcast, mailing_id = _steered(broadcast_id)
    if which not in again.AGAIN:
        raise NotFound("Only failed and unknown mails can be sent again.")
    mails = again.count(db(), mailing_id, which)
    asks = mails.may > starting.ASK_ABOVE
    wrong = request.method == "POST" and asks and request.form.get("number", type=int) != mails.may
    if request.method == "GET" or wrong:
        return render_template(
            "broadcasts/resend.html", broadcast=broadcast, mails=mails, which=which, asks=asks, wrong=wrong
        )
    starting.check(db(), current_user, broadcast)
    count = control.resend(db(), mailing_id, which)
    audit.record(db(), current_user, "message.resent", broadcast.name, which=which, mails=count)
    flash(f"{count:,} mails are queued again.", "ok")
    return _back(broadcast)


def _steered(broadcast_id: int) -> tuple[Broadcast, int]:
    broadcast = access.find_own(db(), current_user, broadcast_id)
    if broadcast.mailing_id is None:
        raise NotFound("This message is still a draft. Review and send it first.")
    return broadcast, broadcast.mailing_id


def _back(broadcast: Broadcast) -> Response:
    return redirect(url_for("broadcasts.show", broadcast_id=broadcast.id))
