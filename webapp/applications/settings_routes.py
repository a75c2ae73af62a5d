"""Whether the public form is open, and what stands above it."""

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.accounts import audit
from webapp.applications.forms import ApplicationsForm
from webapp.applications.routes import blueprint
from webapp.settings import store
from webapp.settings.storing import stored
from webapp.web.access import needs
from webapp.web.session import db, desk

KEYS = ("applications", "applications_welcome", "applications_terms_url")


@blueprint.route("/account/applications", methods=["GET", "POST"])
@needs("manage_email_settings")
def settings() -> str | Response:
    own = store.identity(db())
    form = ApplicationsForm(obj=own)
    typed = stored(form, KEYS)
    if typed is not None:
        audit.record(db(), current_user, "application form changed", typed["applications"])
        flash("Saved.", "ok")
        return redirect(url_for("applications.settings"))
    address = f"{store.public_url(db(), desk().config).rstrip('/')}/apply"
    ready = bool(own.from_address)
    return render_template("applications/settings.html", form=form, address=address, own=own, ready=ready)
