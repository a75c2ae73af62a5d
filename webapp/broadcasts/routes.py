"""Addresses of this feature: the list and the editor here, the rest in the modules that `install` names."""

from importlib import import_module

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.broadcasts import access, drafts, page_words
from webapp.broadcasts.forms import MessageForm
from webapp.broadcasts.listing import STATES, authors, listed
from webapp.broadcasts.page import editor
from webapp.errors import Invalid
from webapp.mail_templates import queries
from webapp.mail_templates import service as templates
from webapp.web.access import needs
from webapp.web.pages import asked_page, paginate
from webapp.web.session import db, desk

blueprint = Blueprint("broadcasts", __name__, url_prefix="/messages")


def install(app: Flask) -> None:
    for module in (
        "preview_routes",
        "send_routes",
        "recipient_routes",
        "outcome_routes",
        "click_routes",
        "approval_routes",
        "rules_routes",
        "control_routes",
    ):
        import_module(f"webapp.broadcasts.{module}")
    app.register_blueprint(blueprint)
    page_words.install(app)


@blueprint.get("")
@needs(*access.READS)
def index() -> str:
    search, state = request.args.get("q", "").strip(), request.args.get("state", "")
    page = paginate(db(), listed(current_user, search=search, state=state), number=asked_page())
    return render_template(
        "broadcasts/index.html",
        page=page,
        authors=authors(db(), list(page.items)),
        states=STATES,
        state=state,
        search=search,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@needs(*access.WRITES)
def new() -> Response | str:
    chosen = request.values.get("template", "")
    template = queries.find(db(), chosen) if chosen else None
    about = request.args.get("offer", "")
    segment = request.args.get("segment", "")
    form = MessageForm.for_draft(db(), current_user, about=about, segment=segment, template=template)
    if form.submitted():
        try:
            broadcast = drafts.create(db(), desk().config, current_user, form.typed())
            if template:
                templates.used(db(), template.slug)
            return _saved(broadcast.id)
        except Invalid as error:
            return editor(form, None, error)
    return editor(form, None)


@blueprint.route("/<int:broadcast_id>/edit", methods=["GET", "POST"])
@needs(*access.WRITES)
def edit(broadcast_id: int) -> Response | str:
    broadcast = access.find_own(db(), current_user, broadcast_id)
    if broadcast.mailing_id is not None and request.method == "GET":
        return redirect(url_for("broadcasts.show", broadcast_id=broadcast.id))
    form = MessageForm.for_draft(db(), current_user, broadcast)
    if form.submitted():
        try:
            drafts.change(db(), desk().config, current_user, broadcast, form.typed())
            return _saved(broadcast.id)
        except Invalid as error:
            return editor(form, broadcast, error)
    return editor(form, broadcast)


@blueprint.post("/<int:broadcast_id>/copy")
@needs(*access.WRITES)
def copy(broadcast_id: int) -> Response:
    twin = drafts.copy(db(), current_user, access.find(db(), current_user, broadcast_id))
    flash("Copied. This is the draft of the copy.", "ok")
    return redirect(url_for("broadcasts.edit", broadcast_id=twin.id))


@blueprint.route("/<int:broadcast_id>/delete", methods=["GET", "POST"])
@needs(*access.WRITES)
def delete(broadcast_id: int) -> Response | str:
    broadcast = access.find_own(db(), current_user, broadcast_id)
    if request.method == "GET":
        return render_template("broadcasts/delete.html", broadcast=broadcast)
    drafts.delete(db(), current_user, broadcast)
    flash("The draft is deleted.", "ok")
    return redirect(url_for("broadcasts.index"))


def _saved(broadcast_id: int) -> Response:
    """Back to where it is written, or on to what the pressed button asked for."""
    if request.form.get("then") == "review":
        return redirect(url_for("broadcasts.review", broadcast_id=broadcast_id))
    chosen = request.form.get("as", type=int)
    if request.form.get("then") == "test":
        return redirect(url_for("broadcasts.test", broadcast_id=broadcast_id, affiliate=chosen))
    flash("Saved.", "ok")
    address = url_for("broadcasts.edit", broadcast_id=broadcast_id)
    return redirect(f"{address}?as={chosen}" if chosen else address)
