"""The tax form on the page that colleagues see of an affiliate. Taking it out is a press of a button, for it is written down."""

from flask import Response, current_app, flash, redirect, url_for
from werkzeug import Response as AnyResponse

from webapp.affiliates import access, tax_forms
from webapp.affiliates.routes import blueprint, me
from webapp.web.access import needs
from webapp.web.session import db, desk

RIGHT = "view_payment_details"


@blueprint.post("/affiliates/<int:key>/tax-form")
@needs(RIGHT)
def take_tax_form(key: int) -> Response:
    """Always as a file to keep, never shown: what is in it came from outside."""
    affiliate = access.get(db(), me(), key)
    file = tax_forms.take_out(db(), desk().vault, me(), affiliate)
    response: Response = current_app.response_class(file.content, mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@blueprint.post("/affiliates/<int:key>/tax-form/received")
@needs(RIGHT)
def note_tax_form(key: int) -> AnyResponse:
    affiliate = access.get_to_edit(db(), me(), key)
    tax_forms.note_received(db(), me(), affiliate)
    flash("The tax form is noted as received. No reminder goes out any more.", "ok")
    return redirect(url_for("affiliates.show", key=key))


@blueprint.post("/affiliates/<int:key>/tax-form/remove")
@needs(RIGHT)
def remove_tax_form(key: int) -> AnyResponse:
    affiliate = access.get_to_edit(db(), me(), key)
    tax_forms.remove(db(), me(), affiliate)
    flash("The tax form is gone and counts as missing.", "ok")
    return redirect(url_for("affiliates.show", key=key))
