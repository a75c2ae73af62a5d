"""The own profile."""

from flask import render_template

from webapp.accounts.routes import blueprint
from webapp.web.access import signed_in


@blueprint.route("/account/profile", methods=["GET", "POST"])
@signed_in
def profile() -> str:
    return render_template("accounts/profile.html")
