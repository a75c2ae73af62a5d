"""One-time links: the first administrator, an invitation, a new password. GET only shows the form, POST acts."""

import time

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.accounts import entering, links, passwords, recovery, sessions, users
from webapp.accounts.forms import AdministratorForm, ForgottenForm, PasswordForm
from webapp.accounts.routes import blueprint
from webapp.errors import Invalid, NotFound
from webapp.web.access import public
from webapp.web.session import db, desk, release

# The steps of set-up, of which this feature has the first.
STEPS = (
    "Administrator",
    "Your network",
    "Identity",
    "How mail leaves",
    "Test mail",
    "Import affiliates",
    "First message",
)
ANSWER_SECONDS = 0.4  # nobody can tell by the clock whether there was a mail to prepare


@blueprint.route("/setup/<token>", methods=["GET", "POST"])
@public
def setup(token: str) -> Response | str | tuple[str, int]:
    try:
        link = links.find(db(), token, links.SETUP)
    except NotFound as error:
        return _over(error)
    form = AdministratorForm()
    if form.submitted():
        try:
            profile = form.profile()
            users.clean_email(db(), profile.email)
            users.check_password(form.password.data or "", profile)
            release()
            hashed = passwords.hash_password(form.password.data or "")
            sessions.begin(users.first_administrator(db(), link, profile, hashed))
            return redirect(_after_setup())
        except Invalid as error:
            form.refuse(error)
        except NotFound as error:
            return _over(error)
    steps = [{"title": title, "state": "" if number else "now"} for number, title in enumerate(STEPS)]
    return render_template("accounts/administrator.html", form=form, steps=steps)


@blueprint.route("/password/<token>", methods=["GET", "POST"])
@public
def choose_password(token: str) -> Response | str | tuple[str, int]:
    try:
        link = links.find(db(), token, links.INVITATION, links.RESET)
    except NotFound as error:
        return _over(error)
    user, form = users.get(db(), link.user_id or 0), PasswordForm()
    if form.submitted():
        try:
            users.check_password(form.password.data or "", user)
            release()
            hashed = passwords.hash_password(form.password.data or "")
            links.use(db(), link)
            users.set_password(db(), user, hashed)
            answer = entering.enter(user, request.remote_addr or "", None)
            flash("Your password is set.", "ok")
            return answer
        except Invalid as error:
            form.refuse(error)
        except NotFound as error:
            return _over(error)
    return render_template("accounts/choose_password.html", form=form, user=user, purpose=link.purpose)


@blueprint.route("/forgotten", methods=["GET", "POST"])
@public
def forgotten() -> Response | str:
    form, began = ForgottenForm(), time.monotonic()
    if form.submitted():
        try:
            recovery.ask(db(), desk(), form.email.data or "", request.remote_addr or "")
            release()
            time.sleep(max(0.0, began + ANSWER_SECONDS - time.monotonic()))
            return render_template("accounts/forgotten_sent.html", email=form.email.data)
        except Invalid as error:
            form.refuse(error)
    return render_template("accounts/forgotten.html", form=form)


def _over(error: NotFound) -> tuple[str, int]:
    return render_template("accounts/link_over.html", words=str(error), set_up=links.any_user(db())), 404


def _after_setup() -> str:
    known = "settings.setup_network" in current_app.view_functions
    return url_for("settings.setup_network" if known else "dashboard.overview")
