"""The pages of webhooks: the list, one of them with its log, and what can be done to it."""

from typing import cast

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.errors import Invalid, NotAllowed
from webapp.web.access import may, needs
from webapp.web.pages import asked_page, paginate
from webapp.web.session import db, desk, release
from webapp.webhooks import hooks
from webapp.webhooks.forms import PressForm, WebhookForm
from webapp.webhooks.jobs import TELL
from webapp.webhooks.kinds import COMMON, KINDS
from webapp.webhooks.models import DONE, SKIPPED, WAITING, Webhook

blueprint = Blueprint("webhooks", __name__, url_prefix="/account/webhooks")
LOG = "view_delivery_log"
STATES = {"": "All", WAITING: "Waiting", DONE: "Taken", SKIPPED: "Skipped"}


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("")
@needs(hooks.RIGHT)
def index() -> str:
    search, sort = request.args.get("q", "").strip(), request.args.get("sort", "")
    page = paginate(db(), hooks.listed(search, sort), number=asked_page())
    return render_template("webhooks/index.html", page=page, search=search, sort=sort, kinds=KINDS)


@blueprint.get("/guide")
@needs(hooks.RIGHT)
def guide() -> str:
    return render_template("webhooks/guide.html", kinds=KINDS, common=COMMON)


@blueprint.route("/new", methods=["GET", "POST"])
@needs(hooks.RIGHT)
def new() -> str:
    form = WebhookForm()
    if form.submitted():
        try:
            hook, secret = hooks.add(db(), desk().vault, _me(), form.wish())
            return render_template("webhooks/secret.html", hook=hook, secret=secret)
        except Invalid as error:
            form.refuse(error)
    return render_template("webhooks/form.html", form=form, hook=None, kinds=KINDS)


@blueprint.get("/<int:number>")
@needs(hooks.RIGHT)
def show(number: int) -> str:
    hook, state = hooks.get(db(), number), request.args.get("state", "")
    search = request.args.get("q", "").strip()
    page = paginate(db(), hooks.deliveries(hook, state, search), number=asked_page())
    return render_template(
        "webhooks/show.html",
        hook=hook,
        page=page,
        state=state,
        states=STATES,
        search=search,
        kinds=KINDS,
        press=PressForm(),
    )


@blueprint.route("/<int:number>/edit", methods=["GET", "POST"])
@needs(hooks.RIGHT)
def edit(number: int) -> Response | str:
    hook = hooks.get(db(), number)
    form = WebhookForm(obj=hook)
    if form.submitted():
        try:
            secret = hooks.change(db(), desk().vault, _me(), hook, form.wish())
        except Invalid as error:
            form.refuse(error)
        else:
            if secret:
                return render_template("webhooks/secret.html", hook=hook, secret=secret)
            flash("Saved. It counts for whatever is sent from now on.", "ok")
            return redirect(_page(hook))
    return render_template("webhooks/form.html", form=form, hook=hook, kinds=KINDS)


@blueprint.post("/<int:number>/secret")
@needs(hooks.RIGHT)
def renew(number: int) -> str:
    hook = hooks.get(db(), number)
    secret = hooks.renew(db(), desk().vault, hook)
    audit.record(db(), current_user, "webhook secret renewed", hook.name)
    return render_template("webhooks/secret.html", hook=hook, secret=secret)


@blueprint.post("/<int:number>/pause")
@needs(hooks.RIGHT)
def pause(number: int) -> Response:
    hook = hooks.get(db(), number)
    hooks.pause(db(), _me(), hook)
    flash("Nothing more is sent to it. What happens meanwhile is told when you resume it.", "ok")
    return redirect(_page(hook))


@blueprint.post("/<int:number>/resume")
@needs(hooks.RIGHT)
def resume(number: int) -> Response:
    hook = hooks.get(db(), number)
    hooks.resume(db(), _me(), hook)
    flash("It is told again, from where it stood.", "ok")
    return _soon(hook)


@blueprint.post("/<int:number>/test")
@needs(hooks.RIGHT)
def try_out(number: int) -> Response:
    hook = hooks.get(db(), number)
    hooks.try_out(db(), hook)
    flash("A test is on its way. Reload in a moment to see the answer.", "ok")
    return _soon(hook)


@blueprint.route("/<int:number>/delete", methods=["GET", "POST"])
@needs(hooks.RIGHT)
def delete(number: int) -> Response | str:
    hook = hooks.get(db(), number)
    if request.method == "POST":
        hooks.remove(db(), _me(), hook)
        flash(f"“{hook.name}” is told nothing any more.", "ok")
        return redirect(url_for("webhooks.index"))
    return render_template("webhooks/delete.html", hook=hook, press=PressForm())


@blueprint.post("/<int:number>/requests/<int:request_id>/again")
@needs(hooks.RIGHT)
def again(number: int, request_id: int) -> Response:
    hook = hooks.get(db(), number)
    hooks.again(db(), _me(), hooks.delivery(db(), hook, request_id))
    flash("It is sent once more, behind what waits.", "ok")
    return _soon(hook)


@blueprint.post("/<int:number>/requests/<int:request_id>/skip")
@needs(hooks.RIGHT)
def skip(number: int, request_id: int) -> Response:
    hook = hooks.get(db(), number)
    hooks.skip(db(), _me(), hooks.delivery(db(), hook, request_id))
    flash("It is skipped, and what waited behind it goes on.", "ok")
    return _soon(hook)


@blueprint.before_request
def _sees_outcomes() -> None:
    """They tell what became of everybody's mail, so whoever reads or directs them must be allowed to know it."""
    if current_user.is_authenticated and not may(LOG):
        raise NotAllowed(LOG)


def _soon(hook: Webhook) -> Response:
    """Let the worker look at once."""
    release()
    desk().jobs.enqueue(TELL)
    return redirect(_page(hook))


def _me() -> User:
    return cast(User, current_user._get_current_object())


def _page(hook: Webhook) -> str:
    return url_for("webhooks.show", number=hook.id)
