"""Changes of an offer by one button that affiliates hear of: its status, its creatives, payouts of many."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.errors import Conflict, Invalid
from webapp.offers import access, assigning, service
from webapp.offers.forms import STATUS_LABELS, PayoutsForm
from webapp.offers.models import Offer
from webapp.offers.routes import blueprint, me
from webapp.web import telling
from webapp.web.access import needs
from webapp.web.session import db

VERBS = {"active": "Make active", "paused": "Pause", "ended": "End", "draft": "Make a draft of"}


@blueprint.post("/<int:key>/status")
@needs(*access.EDITS)
def set_status(key: int) -> str | Response:
    offer, status = access.get_to_edit(db(), me(), key), request.form.get("status", "")
    note = telling.note()
    return _confirmed(
        offer,
        lambda: service.set_status(db(), me(), offer, status, note),
        heading=f"{VERBS.get(status, 'Change')} {offer.name}?",
        label=VERBS.get(status, "Save").split(" of")[0],
        said=lambda: f"{offer.name} is {STATUS_LABELS[offer.status].lower()}.",
        fields=[("status", status)],
    )


@blueprint.post("/<int:key>/creatives/send")
@needs(*access.EDITS)
def send_creatives(key: int) -> str | Response:
    offer = access.get_to_edit(db(), me(), key)
    try:
        return _confirmed(
            offer,
            lambda: service.send_creatives(db(), me(), offer),
            heading=f"Send the creatives of {offer.name}?",
            label="Send",
            said=lambda: "Whoever runs the offer has its creatives.",
        )
    except Conflict as error:
        flash(str(error), "bad")
    return redirect(url_for("offers.show", key=key, _anchor="creatives"))


@blueprint.post("/<int:key>/requests")
@needs(*access.EDITS)
def set_requests(key: int) -> Response:
    offer = access.get_to_edit(db(), me(), key)
    at_once = request.form.get("at_once") == "yes"
    service.set_requests(db(), me(), offer, at_once)
    words = "are approved at once from now on" if at_once else "wait for a person from now on"
    flash(f"Requests for {offer.name} {words}.", "ok")
    return redirect(url_for("offers.show", key=key))


@blueprint.route("/<int:key>/payouts", methods=["GET", "POST"])
@needs(*access.EDITS)
def payouts(key: int) -> str | Response:
    offer, form, asking = access.get_to_edit(db(), me(), key), PayoutsForm(), None
    if form.submitted():
        try:
            typed, note = form.payouts_by_id(), telling.note()
            asking = telling.tell_first(lambda: assigning.set_payouts(db(), me(), offer, typed, note))
        except Invalid as error:
            form.refuse(error)
        else:
            if asking is None:
                flash(f"The payouts of {offer.name} were saved. {telling.outcome()}", "ok")
                return redirect(url_for("offers.show", key=key, _anchor="affiliates"))
    return render_template("offers/payouts.html", form=form, offer=offer, telling=asking)


def _confirmed(
    offer: Offer,
    change: Callable[[], object],
    *,
    heading: str,
    label: str,
    said: Callable[[], str],
    fields: list[tuple[str, str]] | None = None,
) -> str | Response:
    """The change, or the page that says first whom it would mail."""
    asking = telling.tell_first(change)
    back = url_for("offers.show", key=offer.id)
    if asking is None:
        flash(f"{said()} {telling.outcome()}", "ok")
        return redirect(back)
    return telling.page(
        asking,
        heading=heading,
        label=label,
        here="offers.index",
        back=back,
        fields=fields or (),
        everybody=url_for("offers.show", key=offer.id, state="approved", _anchor="affiliates"),
    )
