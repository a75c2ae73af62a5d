"""Whether affiliates have a page, what it is called and how it greets."""

from flask import flash, redirect, render_template, url_for
from werkzeug import Response

from webapp.accounts import audit
from webapp.affiliates.routes import me
from webapp.errors import Invalid
from webapp.portal.forms import PageForm
from webapp.portal.routes import blueprint
from webapp.settings import store
from webapp.web.access import needs
from webapp.web.session import db, desk


@blueprint.route("/account/affiliates-page", methods=["GET", "POST"])
@needs("manage_email_settings")
def page() -> str | Response:
    form = PageForm(obj=store.identity(db()))
    if form.submitted():
        typed = {field.name: field.data or "" for field in form if field.name in store.KEYS}
        try:
            if typed["tax_form"] == "link" and not typed["tax_form_url"]:
                raise Invalid({"tax_form_url": "Say where your form is, or choose another way."})
            store.put(db(), typed)
        except Invalid as error:
            form.refuse(error)
        else:
            audit.record(db(), me(), "affiliates’ page changed", typed["portal"])
            flash("Saved. It counts at once.", "ok")
            return redirect(url_for("portal.page"))
    address = (store.public_url(db(), desk().config) or "").rstrip("/")
    return render_template("portal/settings.html", form=form, address=f"{address}/my/sign-in")
