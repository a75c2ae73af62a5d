"""The second person's look at a message for very many, and taking a release back."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.broadcasts import access, release
from webapp.broadcasts.mail_check import check_again
from webapp.broadcasts.models import Broadcast
from webapp.broadcasts.review import review
from webapp.broadcasts.routes import blueprint
from webapp.errors import Conflict, Invalid, NotFound
from webapp.web.access import needs
from webapp.web.forms import Form, TextField
from webapp.web.session import db, desk

SAID = {
    release.SENT: "It is on its way. This page follows every mail.",
    release.SCHEDULED: "It goes out at its time. Until then it can be taken back.",
    release.WAITS: "It waits for somebody else who may approve so many. They find it among the messages.",
}


class DeclineForm(Form):
    reason = TextField("What is to be changed")


@blueprint.get("/<int:broadcast_id>/approval")
@needs(access.APPROVE)
def approval(broadcast_id: int) -> str:
    return _page(_waiting(broadcast_id), DeclineForm())


@blueprint.post("/<int:broadcast_id>/approve")
@needs(access.APPROVE)
def approve(broadcast_id: int) -> Response | str:
    broadcast = _waiting(broadcast_id)
    try:
        check_again(desk(), db(), broadcast)
        came = release.approve(db(), desk().config, current_user._get_current_object(), broadcast)
    except (Invalid, Conflict) as error:
        flash(str(error), "bad")
        return redirect(url_for("broadcasts.index"))
    flash(SAID[came], "ok")
    return redirect(
        url_for(
            "broadcasts.index" if came == release.SCHEDULED else "broadcasts.show", broadcast_id=broadcast_id
        )
    )


@blueprint.post("/<int:broadcast_id>/decline")
@needs(access.APPROVE)
def decline(broadcast_id: int) -> Response | str:
    broadcast, form = _waiting(broadcast_id), DeclineForm()
    try:
        release.decline(db(), current_user._get_current_object(), broadcast, form.reason.data or "")
    except Invalid as error:
        form.refuse(error)
        return _page(broadcast, form)
    flash("It is a draft again. Its author reads what you wrote.", "ok")
    return redirect(url_for("broadcasts.index"))


@blueprint.post("/<int:broadcast_id>/withdraw")
@needs(*access.WRITES)
def withdraw(broadcast_id: int) -> Response:
    broadcast = access.find_own(db(), current_user, broadcast_id)
    db().refresh(broadcast, with_for_update=True)
    if broadcast.mailing_id is not None:
        flash("It was started meanwhile. Pause or cancel it here.", "bad")
        return redirect(url_for("broadcasts.show", broadcast_id=broadcast_id))
    broadcast.withdraw()
    flash("It is a draft again and goes nowhere by itself.", "ok")
    return redirect(url_for("broadcasts.edit", broadcast_id=broadcast_id))


def _waiting(broadcast_id: int) -> Broadcast:
    broadcast = access.find(db(), current_user, broadcast_id)
    if broadcast.waits_since is None or broadcast.mailing_id is not None:
        raise NotFound("This message does not wait for approval (any more).")
    return broadcast


def _page(broadcast: Broadcast, form: DeclineForm) -> str:
    found = review(desk(), db(), broadcast, skipping=broadcast.skip_missing)
    sample = request.args.get("as", type=int) or next((one.id for one in found.samples["names"]), None)
    own = broadcast.released_by == current_user.id
    return render_template(
        "broadcasts/approval.html", broadcast=broadcast, review=found, form=form, sample=sample, own=own
    )
