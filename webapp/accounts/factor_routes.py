"""The second factor: the step after the password, and setting it up, renewing and removing it on the own profile."""

import segno
from flask import Flask, flash, redirect, render_template, request, url_for
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from webapp.accounts import entering, passwords, second_factor, sessions, throttle, users
from webapp.accounts.forms import CodeForm, FirstCodeForm, PresentPasswordForm, ProvenForm
from webapp.accounts.models import User
from webapp.accounts.ports import setting
from webapp.accounts.routes import blueprint
from webapp.errors import Conflict, Invalid
from webapp.web import access
from webapp.web.access import public, signed_in
from webapp.web.session import db, desk, release

SETTING_UP = {"accounts.second_factor", "accounts.begin_factor", "accounts.confirm_factor"}
OPEN = {*SETTING_UP, "accounts.sign_out", "accounts.sign_out_everywhere"}
FEW_CODES = 4
TOO_LATE = "That took too long, or your account was changed meanwhile. Sign in once more."


def install(app: Flask) -> None:
    access.plug_condition(app, _set_up_first)


def _set_up_first() -> Response | None:
    """Where the network requires a second factor, who holds a right sets one up before anything else."""
    if request.endpoint in OPEN or not second_factor.is_due(db(), current_user):
        return None
    here = url_for("accounts.second_factor")
    return Response(headers={"HX-Redirect": here}) if request.headers.get("HX-Request") else redirect(here)


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@public
def second_step() -> Response | str:
    found, form = entering.waiting(), CodeForm()
    if found is None:
        flash(TOO_LATE, "info")
        return redirect(url_for("accounts.sign_in"))
    if form.submitted():
        user, target = found
        try:
            second_factor.prove(
                db(), desk().vault, user, form.code.data or "", remote := request.remote_addr or ""
            )
        except Invalid as error:
            form.refuse(error)
        else:
            answer = entering.finish(user, remote, sessions.local_path(target))
            left = second_factor.codes_left(db(), user)
            if left < FEW_CODES:
                flash(f"You have {left} recovery codes left. Make new ones on your profile.", "info")
            return answer
    return render_template("accounts/second_step.html", form=form)


@blueprint.get("/account/profile/second-factor", endpoint="second_factor")
@signed_in
def factor() -> str:
    return _page(PresentPasswordForm(), FirstCodeForm())


@blueprint.post("/account/profile/second-factor/begin")
@signed_in
def begin_factor() -> Response | str:
    form = PresentPasswordForm()
    if form.submitted():
        try:
            _check_password(form.present.data or "")
            second_factor.begin(db(), desk().vault, _me())
            return redirect(url_for("accounts.second_factor"))
        except Invalid as error:
            form.refuse(error)
    return _page(form, FirstCodeForm())


@blueprint.post("/account/profile/second-factor/confirm")
@signed_in
def confirm_factor() -> Response | str:
    form, user = FirstCodeForm(), _me()
    if form.submitted():
        try:
            codes = second_factor.confirm(db(), desk().vault, user, form.code.data or "")
            sessions.begin(user)  # this one goes on, all others end
            return render_template("accounts/recovery_codes.html", codes=codes)
        except Invalid as error:
            form.refuse(error)
    return _page(PresentPasswordForm(), form)


@blueprint.route("/account/profile/second-factor/codes", methods=["GET", "POST"])
@signed_in
def new_codes() -> Response | str:
    form = ProvenForm()
    if form.submitted() and _proven(form):
        return render_template("accounts/recovery_codes.html", codes=second_factor.new_codes(db(), _me()))
    return render_template("accounts/factor_prove.html", form=form, removing=False)


@blueprint.route("/account/profile/second-factor/remove", methods=["GET", "POST"])
@signed_in
def remove_factor() -> Response | str:
    form, user = ProvenForm(), _me()
    if second_factor.is_required(db()) and user.rights:
        raise Conflict(
            "Your network requires a second factor of everybody who holds a right. An administrator can reset it."
        )
    if form.submitted() and _proven(form):
        second_factor.remove(db(), user, user)
        sessions.begin(user)
        flash("The second factor is removed. Everywhere else you are signed out.", "ok")
        return redirect(url_for("accounts.profile"))
    return render_template("accounts/factor_prove.html", form=form, removing=True)


def _me() -> User:
    return users.get(db(), current_user.id)


def _page(begin: PresentPasswordForm, confirm: FirstCodeForm) -> str:
    user = _me()
    found, begun = second_factor.of(db(), user), second_factor.begun(db(), user)
    picture = typed = ""
    if begun is not None:
        issuer = setting(db(), "network_name") or "Offerpost"
        typed = second_factor.secret(desk().vault, begun)
        picture = _drawn(second_factor.address(desk().vault, begun, user, issuer))
    return render_template(
        "accounts/second_factor.html",
        begin=begin,
        confirm=confirm,
        found=found,
        left=second_factor.codes_left(db(), user),
        required=second_factor.is_required(db()) and bool(user.rights),
        picture=picture,
        typed=" ".join(typed[at : at + 4] for at in range(0, len(typed), 4)),
    )


def _drawn(address: str) -> Markup:
    code = segno.make(address, error="m")
    drawn = code.svg_inline(border=4, light="#fff", omitsize=True, svgclass="qr", lineclass=None)
    return Markup(drawn)  # noqa: S704 - a path of numbers, drawn by the library


def _proven(form: ProvenForm) -> bool:
    try:
        _check_password(form.present.data or "")
        second_factor.prove(db(), desk().vault, _me(), form.code.data or "", request.remote_addr or "")
    except Invalid as error:
        form.refuse(error)
        return False
    return True


def _check_password(typed: str) -> None:
    user = _me()
    if wait := throttle.take(db(), throttle.account(user.email, "own-password")):
        raise Invalid({"present": throttle.sentence(wait)})
    release()
    if not passwords.matches(user.password_hash, typed):
        raise Invalid({"present": "This isn’t your present password. Try again."})
    throttle.forgive(db(), throttle.account(user.email, "own-password"))
