"""Addresses of this feature: list and editor here, the rest in the modules that `install` names."""

from importlib import import_module

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.errors import Conflict, Invalid
from webapp.mail_templates import page, queries, service
from webapp.mail_templates.forms import TemplateForm
from webapp.mail_templates.listing import STATES, listed, used_by
from webapp.mail_templates.looking import replacement
from webapp.mail_templates.queries import Template
from webapp.mail_templates.texts import Text
from webapp.web.access import needs
from webapp.web.pages import asked_page
from webapp.web.session import db, desk

RIGHT = "manage_templates"
blueprint = Blueprint("mail_templates", __name__, url_prefix="/templates")


def install(app: Flask) -> None:
    for module in ("preview_routes", "version_routes", "layout_routes", "exchange_routes"):
        import_module(f"webapp.mail_templates.{module}")
    app.register_blueprint(blueprint)
    app.jinja_env.filters.update(used_by=used_by, replacement=replacement)


@blueprint.get("")
@needs(RIGHT)
def index() -> str:
    search, state = request.args.get("q", "").strip(), request.args.get("state", "")
    sort = request.args.get("sort", "")
    found = listed(db(), search=search, state=state, sort=sort, number=asked_page())
    return render_template(
        "mail_templates/index.html", page=found, states=STATES, state=state, sort=sort, search=search
    )


@blueprint.route("/new", methods=["GET", "POST"])
@needs(RIGHT)
def new() -> Response | str:
    form = TemplateForm.of(None)
    if form.submitted():
        try:
            text = service.as_stored(form.typed(), Text("", ""))
            made = service.create(db(), current_user, form.name.data or "", form.context.data or "", text)
            return _saved(made, "The template is made.")
        except Invalid as error:
            form.refuse(error)
    return editor(form, None)


@blueprint.route("/<slug>/edit", methods=["GET", "POST"])
@needs(RIGHT)
def edit(slug: str) -> Response | str:
    template = queries.find(db(), slug)
    form = TemplateForm.of(template)
    if form.submitted():
        try:
            text = service.as_stored(form.typed(), template.text)
            service.save(db(), current_user, template.slug, text, seen=form.version_seen())
            return _saved(template, "Saved.")
        except Invalid as error:
            form.refuse(error)
        except Conflict as error:
            form.refuse(Invalid({"": str(error)}))
    return editor(form, template)


@blueprint.post("/<slug>/switch")
@needs(RIGHT)
def switch(slug: str) -> Response:
    template = queries.find(db(), slug)
    on = request.form.get("on") == "1"
    service.switch(db(), current_user, template.slug, on)
    flash(f"{template.name} is {'on' if on else 'off: nobody gets this mail'}.", "ok")
    return _back(template.slug)


@blueprint.route("/<slug>/reset", methods=["GET", "POST"])
@needs(RIGHT)
def reset(slug: str) -> Response | str:
    template = queries.find(db(), slug)
    if request.method == "GET":
        return render_template("mail_templates/reset.html", template=template)
    service.reset(db(), current_user, template.slug)
    flash("The template says again what we ship. Your texts stay among its versions.", "ok")
    return _back(template.slug)


@blueprint.route("/<slug>/delete", methods=["GET", "POST"])
@needs(RIGHT)
def delete(slug: str) -> Response | str:
    template = queries.find(db(), slug)
    if request.method == "GET":
        return render_template("mail_templates/delete.html", template=template)
    service.delete(db(), current_user, template.slug)
    flash(f"{template.name} is deleted.", "ok")
    return redirect(url_for("mail_templates.index"))


def editor(form: TemplateForm, template: Template | None) -> str:
    """The page; after a refusal with everything that was typed still in it."""
    chosen = request.values.get("as", type=int)
    context = template.context if template else form.context.data or ""
    kind = template.kind if template else "announcement"
    look = page.look_at(db(), desk().config, current_user, form.typed(), kind, context, chosen)
    return render_template("mail_templates/edit.html", form=form, template=template, look=look)


def _saved(template: Template, words: str) -> Response:
    chosen = request.form.get("as", type=int)
    if request.form.get("then") == "test":
        return redirect(url_for("mail_templates.test", slug=template.slug, affiliate=chosen))
    flash(words, "ok")
    return _back(template.slug, chosen)


def _back(slug: str, chosen: int | None = None) -> Response:
    address = url_for("mail_templates.edit", slug=slug)
    return redirect(f"{address}?as={chosen}" if chosen else address)
