"""Users, their rights, and the audit trail. All of it needs the right to manage users."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.accounts import audit, queries, recovery, second_factor, users
from webapp.accounts.forms import UserForm
from webapp.accounts.models import User
from webapp.accounts.rights import PRESETS, changes, grouped, may_send_to
from webapp.accounts.routes import blueprint
from webapp.errors import Conflict, Invalid
from webapp.web.access import needs
from webapp.web.pages import asked_page, paginate
from webapp.web.session import db, desk


@blueprint.get("/account/users", endpoint="users")
@needs("manage_users")
def users_list() -> str:
    asked = {name: request.args.get(name, "").strip() for name in ("q", "state", "sort")}
    page = paginate(
        db(), queries.listing(asked["q"], asked["state"], asked["sort"] or "name"), number=asked_page()
    )
    return render_template(
        "accounts/users.html",
        page=page,
        counts=queries.counts(db()),
        changes=changes,
        proven=queries.with_second_factor(db(), page.items),
        required=second_factor.is_required(db()),
        may_send_to=may_send_to,
        **{**asked, "sort": asked["sort"] or "name"},
    )


@blueprint.route("/account/users/new", methods=["GET", "POST"])
@needs("manage_users")
def new_user() -> str:
    form = UserForm(preset=request.args.get("preset", "affiliate_manager"))
    if not form.is_submitted() or "fill" in request.form:
        _fill_in(form)
    elif form.submitted():
        try:
            user = users.add(db(), current_user, form.profile())
            url, mailed = recovery.invite(db(), desk(), current_user, user)
            return render_template("accounts/invited.html", user=user, url=url, mailed=mailed)
        except Invalid as error:
            form.refuse(error)
    return _user_page(form, None)


@blueprint.route("/account/users/<int:user_id>", methods=["GET", "POST"])
@needs("manage_users")
def edit_user(user_id: int) -> Response | str:
    user = users.get(db(), user_id)
    form = UserForm(obj=user)
    if "fill" in request.form:
        _fill_in(form)
    elif form.submitted():
        try:
            users.change(db(), current_user, user, form.profile())
            flash(f"Saved. It takes effect at the next click of {user.name}.", "ok")
            return redirect(url_for("accounts.edit_user", user_id=user.id))
        except Invalid as error:
            form.refuse(error)
    return _user_page(form, user)


@blueprint.route("/account/users/<int:user_id>/disable", methods=["GET", "POST"])
@needs("manage_users")
def disable_user(user_id: int) -> Response | str:
    user = users.get(db(), user_id)
    if request.method == "POST":
        try:
            users.disable(db(), current_user, user)
            flash(f"{user.name} is signed out and can’t sign in any more.", "ok")
        except Invalid as error:
            flash(" ".join(error.problems.values()), "bad")
        return redirect(url_for("accounts.edit_user", user_id=user.id))
    return render_template("accounts/disable.html", user=user)


@blueprint.post("/account/users/<int:user_id>/enable")
@needs("manage_users")
def enable_user(user_id: int) -> Response:
    user = users.get(db(), user_id)
    users.enable(db(), current_user, user)
    flash(f"{user.name} may sign in again.", "ok")
    return redirect(url_for("accounts.edit_user", user_id=user.id))


@blueprint.post("/account/users/<int:user_id>/invite")
@needs("manage_users")
def invite_user(user_id: int) -> Response | str:
    user = users.get(db(), user_id)
    if user.disabled_at:
        flash(f"{user.name} is disabled. Let {user.name} sign in again first.", "bad")
        return redirect(url_for("accounts.edit_user", user_id=user.id))
    url, mailed = recovery.invite(db(), desk(), current_user, user)
    return render_template("accounts/invited.html", user=user, url=url, mailed=mailed)


@blueprint.post("/account/users/<int:user_id>/reset-second-factor")
@needs("manage_users")
def reset_factor(user_id: int) -> Response:
    user = users.get(db(), user_id)
    if user.id == current_user.id:  # whoever found this browser open has neither the password nor the phone
        raise Conflict("Your own second factor you remove on your profile, with your password and a code.")
    if second_factor.remove(db(), current_user, user):
        flash(f"{user.name} is signed out, and signs in with the password alone.", "ok")
    else:
        flash(f"{user.name} has no second factor.", "info")
    return redirect(url_for("accounts.edit_user", user_id=user.id))


@blueprint.get("/account/audit", endpoint="audit")
@needs("manage_users")
def audit_trail() -> str:
    search = request.args.get("q", "").strip()
    page = paginate(db(), audit.entries(search), number=asked_page())
    return render_template("accounts/audit.html", page=page, q=search)


def _fill_in(form: UserForm) -> None:
    preset = PRESETS.get(form.preset.data or "") or PRESETS["other"]
    form.preset.data, form.rights.data = preset.slug, list(preset.rights)


def _user_page(form: UserForm, user: User | None) -> str:
    start = PRESETS.get(form.preset.data or "", PRESETS["other"])
    holders = users.holders(db())
    return render_template(
        "accounts/user.html",
        form=form,
        user=user,
        factor=second_factor.of(db(), user) if user else None,
        groups=grouped(),
        start=start,
        ticked=set(form.rights.data or ()),
        last_holder=user is not None and [holder.id for holder in holders] == [user.id],
    )
