"""Addresses of this feature: signing in and out here, the rest in the modules that `install` names."""

from importlib import import_module

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.accounts import entering, links, page_words, sessions, signin
from webapp.accounts.audit import record
from webapp.accounts.forms import SignInForm
from webapp.errors import Invalid
from webapp.web.access import public, signed_in
from webapp.web.session import db, release

blueprint = Blueprint("accounts", __name__)


def install(app: Flask) -> None:
    for module in ("link_routes", "users_routes", "profile_routes"):
        import_module(f"webapp.accounts.{module}")
    import_module("webapp.accounts.factor_routes").install(app)
    app.register_blueprint(blueprint)
    sessions.install(app)
    page_words.install(app)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Response | str:
    if current_user.is_authenticated:
        return redirect(url_for("dashboard.overview"))
    if not links.any_user(db()):
        return render_template("accounts/not_set_up.html")
    form = SignInForm(next=request.args.get("next", ""))
    if form.submitted():
        try:
            typed = form.password.data or ""
            remote = request.remote_addr or ""
            attempt = signin.attempt(db(), form.email.data or "", remote)
            release()
            proven = attempt.proves(typed)
            user = signin.settle(db(), attempt, proven, typed)
            return entering.enter(user, remote, sessions.local_path(form.next.data))
        except Invalid as error:
            form.refuse(error)
    return render_template("accounts/sign_in.html", form=form)


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> Response:
    record(db(), current_user, "signed out", current_user.email)
    sessions.end()
    return redirect(url_for("accounts.sign_in"))
