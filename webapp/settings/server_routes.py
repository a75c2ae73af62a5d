"""One saved server: add, edit, make default, pause, resume, wake, delete."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as Answer

from webapp.db import utcnow
from webapp.errors import Conflict, Invalid
from webapp.settings import budgets, cards, servers
from webapp.settings.forms import BareForm, Card, Page
from webapp.settings.opening import transport_class
from webapp.settings.routes import blueprint
from webapp.web.access import needs
from webapp.web.session import db, desk

HERE = "/account/email-settings/servers"


@blueprint.route(f"{HERE}/new", methods=["GET", "POST"])
@needs("manage_email_settings")
def new_server() -> Answer | str | tuple[str, int]:
    kinds = desk().registry.kinds()
    asked = request.args.get("kind", "")
    if not asked:
        return render_template("settings/new_server.html", kinds=kinds, registry=desk().registry)
    try:
        transport = transport_class(desk(), asked)
    except Invalid as error:
        raise Conflict(error.problems["kind"]) from error
    card = cards.card(transport, None)
    if request.method == "GET":
        card.form.server_name.data = servers.free_name(db(), transport.label)
    return _edit(card)


@blueprint.route(f"{HERE}/<int:server_id>", methods=["GET", "POST"])
@needs("manage_email_settings")
def edit_server(server_id: int) -> Answer | str | tuple[str, int]:
    server = servers.find(db(), server_id)
    return _edit(cards.card(transport_class(desk(), server.kind), server))


@blueprint.post(f"{HERE}/<int:server_id>/default")
@needs("manage_email_settings")
def default_server(server_id: int) -> Answer:
    server = servers.make_default(db(), current_user, server_id)
    return _back(f"{server.name} is the default. Mail that names no server now leaves through it.")


@blueprint.post(f"{HERE}/<int:server_id>/pause")
@needs("manage_email_settings")
def pause_server(server_id: int) -> Answer:
    server = servers.pause(db(), current_user, server_id)
    return _back(f"{server.name} is paused. Its mails wait; none is lost.")


@blueprint.post(f"{HERE}/<int:server_id>/resume")
@needs("manage_email_settings")
def resume_server(server_id: int) -> Answer:
    server = servers.resume(db(), current_user, server_id)
    return _back(f"{server.name} goes on. Mails that waited leave now.")


@blueprint.post(f"{HERE}/<int:server_id>/wake")
@needs("manage_email_settings")
def wake_server(server_id: int) -> Answer:
    domain = request.form.get("domain")
    server = servers.wake(db(), current_user, server_id, domain)
    what = f"Mail to {domain} leaves" if domain else "Mail leaves"
    return _back(f"{server.name} no longer rests. {what} through it with all connections.")


@blueprint.route(f"{HERE}/<int:server_id>/delete", methods=["GET", "POST"])
@needs("manage_email_settings")
def delete_server(server_id: int) -> Answer | str:
    server = servers.find(db(), server_id)
    form = BareForm()
    if form.submitted():
        servers.delete(db(), current_user, server_id)
        return _back(f"{server.name} is deleted, and its saved secrets with it.")
    return render_template("settings/delete_server.html", server=server, form=form)


def _edit(card: Card) -> Answer | str | tuple[str, int]:
    form = BareForm()
    page = Page(form, [card])
    if not form.submitted():
        return _drawn(page)
    if request.form.get("do") == "probe":
        cards.test_connection(card, cards.sender_of(form))
        return cards.checks_part(card) if cards.is_part() else _drawn(page)
    name = card.form.server_name.data or ""
    try:
        if card.server is None:
            server = servers.add(desk(), db(), current_user, name, card.form.typed())
        else:
            server = servers.change(desk(), db(), current_user, card.server.id, card.form.typed(), name=name)
    except Invalid as error:
        db().rollback()
        card.form.refuse(error)
        return _drawn(page, 400)
    return _back(f"Saved. {server.name} is ready to be used.")


def _drawn(page: Page, status: int = 200) -> str | tuple[str, int]:
    card = page.cards[0]
    standing = budgets.standing(db(), card.server, utcnow()) if card.server is not None else None
    body = render_template(
        "settings/edit_server.html", form=page, card=card, token=page.identity, standing=standing
    )
    return (body, status) if status != 200 else body


def _back(words: str) -> Answer:
    flash(words, "ok")
    return redirect(url_for("settings.email_settings", _anchor="servers"))
