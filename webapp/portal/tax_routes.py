"""The tax form as the affiliate hands it in: a file, or by the network's own form elsewhere."""

from flask import flash, redirect, render_template, url_for
from werkzeug import Response

from webapp.affiliates import tax_forms
from webapp.errors import Invalid
from webapp.portal.forms import TaxFormForm
from webapp.portal.routes import blueprint
from webapp.portal.sessions import mine as me
from webapp.settings import store
from webapp.web.access import affiliate
from webapp.web.session import db, desk


@blueprint.route("/my/tax-form", methods=["GET", "POST"])
@affiliate
def tax_form() -> Response | str:
    identity, form = store.identity(db()), TaxFormForm()
    if identity.tax_form == "upload" and form.submitted():
        try:
            tax_forms.hand_in(db(), desk().vault, me(), form.file.data.read(tax_forms.LARGEST + 1))
        except Invalid as error:
            form.refuse(error)
        else:
            flash("Thank you. Your tax form is with us, kept under lock and key.", "ok")
            return redirect(url_for("portal.tax_form"))
    return render_template(
        "portal/tax_form.html", form=form, found=tax_forms.of(db(), me()), most=tax_forms.LARGEST >> 20
    )
