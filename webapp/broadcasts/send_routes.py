"""The last look, and the start."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.broadcasts import access, release, starting
from webapp.broadcasts.approval_routes import SAID
from webapp.broadcasts.forms import SendForm
from webapp.broadcasts.mail_check import overrule
from webapp.broadcasts.models import Broadcast
from webapp.broadcasts.review import Review
from webapp.broadcasts.review import review as look_over
from webapp.broadcasts.routes import blueprint
from webapp.errors import Conflict, Invalid
from webapp.settings import store
from webapp.web.access import needs
from webapp.web.session import db, desk


@blueprint.get("/<int:broadcast_id>/review")
@needs(*access.WRITES)
def review(broadcast_id: int) -> Response | str:
    broadcast = access.find_own(db(), current_user, broadcast_id)
    if broadcast.mailing_id is not None:
        return redirect(url_for("broadcasts.show", broadcast_id=broadcast.id))
    skipping = request.args.get("missing") != "send"
    return _page(broadcast, SendForm(missing="skip" if skipping else "send"))


@blueprint.post("/<int:broadcast_id>/send")
@needs(*access.WRITES)
def send(broadcast_id: int) -> Response | str:
    """Pressed twice it is one mailing: the second press leads to the first one's page."""
    broadcast = access.find_own(db(), current_user, broadcast_id)
    form = SendForm()
    if broadcast.mailing_id is None:
        try:
            came = _confirmed(broadcast, form)
        except (Invalid, Conflict) as error:
            form.refuse(error if isinstance(error, Invalid) else Invalid({"": str(error)}))
            db().rollback()
            return _page(access.find_own(db(), current_user, broadcast_id), form)
        flash(SAID[came], "ok")
        if came != release.SENT:
            return redirect(url_for("broadcasts.edit", broadcast_id=broadcast_id))
    return redirect(url_for("broadcasts.show", broadcast_id=broadcast_id))


def _confirmed(broadcast: Broadcast, form: SendForm) -> str:
    found = _look(broadcast, form)
    if found.count > starting.ASK_ABOVE and form.number.data != found.count:
        raise Invalid({"number": f"Type {found.count}, the number of affiliates who get it."})
    at = release.moment(db(), form.send_at.data or "")
    db().refresh(broadcast, with_for_update=True)
    if broadcast.mailing_id is not None:
        return release.SENT  # the button was pressed twice
    if found.report:
        overrule(db(), current_user._get_current_object(), broadcast, found.report, form.anyway.data or "")
    return release.release(
        db(),
        desk().config,
        current_user._get_current_object(),
        broadcast,
        approved=form.approved.data or "",
        recipients=found.count,
        skip_missing=found.skipping,
        at=at,
    )


def _look(broadcast: Broadcast, form: SendForm) -> Review:
    access.check_audience(db(), current_user, broadcast.audience)
    return look_over(desk(), db(), broadcast, skipping=form.missing.data != "send")


def _page(broadcast: Broadcast, form: SendForm) -> Response | str:
    try:
        found = _look(broadcast, form)
    except Invalid as error:
        flash(str(error.problems.get("audience", error)), "bad")
        return redirect(url_for("broadcasts.edit", broadcast_id=broadcast.id))
    return render_template(
        "broadcasts/review.html",
        form=form,
        review=found,
        broadcast=broadcast,
        ask_above=starting.ASK_ABOVE,
        second=release.needs_second(db(), found.count),
        zone=store.identity(db()).timezone,
    )
