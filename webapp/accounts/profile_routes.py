"""The own profile: name, look, password, signing out."""

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.accounts import passwords, sessions, throttle, users
from webapp.accounts.forms import OwnPasswordForm, ProfileForm
from webapp.accounts.routes import blueprint
from webapp.errors import Invalid
from webapp.web.access import signed_in
from webapp.web.session import db, release


@blueprint.route("/account/profile", methods=["GET", "POST"])
@signed_in
def profile() -> Response | str:
    form = ProfileForm(obj=current_user)
    if form.submitted():
        names = (form.first_name.data or "", form.last_name.data or "")
        users.change_own(db(), current_user, *names, form.theme.data or "")
        flash("Your profile is saved.", "ok")
        return redirect(url_for("accounts.profile"))
    return render_template("accounts/profile.html", form=form)


@blueprint.route("/account/profile/password", methods=["GET", "POST"])
@signed_in
def own_password() -> Response | str:
    form = OwnPasswordForm()
    if form.submitted():
        try:
            _change_password(form.present.data or "", form.password.data or "")
            flash("Your password is changed. Everywhere else you are signed out.", "ok")
            return redirect(url_for("accounts.profile"))
        except Invalid as error:
            form.refuse(error)
    return render_template("accounts/own_password.html", form=form)


@blueprint.post("/account/profile/sign-out-everywhere")
@signed_in
def sign_out_everywhere() -> Response:
    users.sign_out_everywhere(db(), current_user)
    sessions.end()
    flash("You are signed out everywhere.", "ok")
    return redirect(url_for("accounts.sign_in"))


def _change_password(present: str, new: str) -> None:
    user = users.get(db(), current_user.id)
    users.check_password(new, user)
    if wait := throttle.take(db(), throttle.account(user.email)):
        raise Invalid({"present": throttle.sentence(wait)})
    release()
    if not passwords.matches(user.password_hash, present):
        raise Invalid(
            {"present": "This isn’t your present password. Try again, or sign out and use “Forgotten?”."}
        )
    hashed = passwords.hash_password(new)
    users.set_password(db(), user, hashed, "password changed")
    sessions.begin(user)  # this session goes on, under the new generation; all others end
