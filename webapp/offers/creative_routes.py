"""The creatives of an offer."""

from flask import flash, redirect, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from webapp.errors import Conflict, Invalid, NotFound
from webapp.offers import access, service
from webapp.offers.forms import CreativeForm
from webapp.offers.models import Creative, Offer
from webapp.offers.routes import blueprint, me
from webapp.web.access import needs
from webapp.web.session import db


@blueprint.route("/<int:key>/creatives/new", methods=["GET", "POST"])
@needs(*access.EDITS)
def new_creative(key: int) -> str | Response:
    return _page(access.get_to_edit(db(), me(), key), None)


@blueprint.route("/<int:key>/creatives/<int:number>", methods=["GET", "POST"])
@needs(*access.EDITS)
def edit_creative(key: int, number: int) -> str | Response:
    offer = access.get_to_edit(db(), me(), key)
    return _page(offer, _find(offer, number))


@blueprint.post("/<int:key>/creatives/<int:number>/remove")
@needs(*access.EDITS)
def remove_creative(key: int, number: int) -> Response:
    offer = access.get_to_edit(db(), me(), key)
    creative = _find(offer, number)
    service.remove_creative(db(), me(), offer, creative)
    flash(f"{creative.name} is gone. Who copied its code still has it.", "ok")
    return redirect(url_for("offers.show", key=key, _anchor="creatives"))


def _page(offer: Offer, creative: Creative | None) -> str | Response:
    form = CreativeForm(obj=creative)
    if form.submitted():
        try:
            saved = service.save_creative(db(), me(), offer, creative, form.values())
        except Conflict as error:
            form.refuse(Invalid({"": str(error)}))
        except Invalid as error:
            form.refuse(error)
        else:
            flash(f"{saved.name} was saved.", "ok")
            return redirect(url_for("offers.show", key=offer.id, _anchor="creatives"))
    return render_template("offers/creative.html", form=form, offer=offer, creative=creative)


def _find(offer: Offer, number: int) -> Creative:
    found = db().scalar(select(Creative).where(Creative.id == number, Creative.offer_id == offer.id))
    if found is None:
        raise NotFound("This creative was removed, or it belongs to another offer.")
    return found
