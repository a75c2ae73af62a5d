"""Whether everybody who holds a right needs a second factor to sign in."""

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import RadioField

from webapp.accounts import audit, second_factor
from webapp.settings import store
from webapp.settings.routes import blueprint
from webapp.settings.storing import stored
from webapp.web.access import needs
from webapp.web.forms import Form, choices
from webapp.web.session import db


class SigningInForm(Form):
    second_factor = RadioField(
        "Second factor",
        choices=choices([("optional", "Optional"), ("required", "Required of whoever holds a right")]),
    )


@blueprint.route("/account/signing-in", methods=["GET", "POST"])
@needs("manage_users")
def signing_in() -> Response | str:
    form = SigningInForm(obj=store.identity(db()))
    typed = stored(form, ["second_factor"])
    if typed is not None:
        audit.record(db(), current_user, "signing in changed", typed["second_factor"])
        flash("Saved. It counts at everybody’s next click.", "ok")
        return redirect(url_for("settings.signing_in"))
    return render_template("settings/signing_in.html", form=form, without=second_factor.count_without(db()))
