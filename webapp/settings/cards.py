"""What the pages with radio cards have in common: drawing the cards, testing and saving the chosen one."""

from collections.abc import Callable

from flask import render_template, request
from flask_login import current_user

from transports.contract import Transport
from webapp.errors import Conflict, Invalid
from webapp.mail.models import OutboxMail
from webapp.settings import bounce_sender, drafts, probe, servers, store, trial
from webapp.settings.declared import server_form
from webapp.settings.forms import Card, Page
from webapp.settings.models import MailServer
from webapp.settings.settle import Settled, settle
from webapp.web.forms import Form
from webapp.web.session import db, desk, release

Order = Callable[[type[Transport]], int]


def cards(*, chosen: str = "", order: Order | None = None) -> list[Card]:
    """A card a kind; it changes the default server, or the first saved one of that kind, or makes a new one."""
    kinds = desk().registry.kinds()
    if order is not None:
        kinds = sorted(kinds, key=order)
    known = servers.saved(db())
    default = servers.default(db())
    wanted = request.form.get("kind") or chosen or (default.kind if default else "relay")
    return [
        card(kind, next((server for server in known if server.kind == kind.kind), None), kind.kind == wanted)
        for kind in kinds
    ]


def card(transport: type[Transport], server: MailServer | None, checked: bool = True) -> Card:
    registry = desk().registry
    return Card(
        transport,
        server_form(transport, server),
        server,
        registry.source(transport.kind),
        registry.unavailable(transport.kind),
        checked,
    )


def settled_card(chosen: Card) -> Settled | None:
    """What the card's values come to, or None when they were refused and the card says why."""
    try:
        locked = servers.find(db(), chosen.server.id, lock=True) if chosen.server is not None else None
        return settle(desk(), locked, chosen.form.typed())
    except Invalid as error:
        chosen.form.refuse(error)
        return None


def test_connection(chosen: Card, sender: str) -> None:
    """Fill the card's checks, or its errors. The database is let go of before the network is touched."""
    settled = settled_card(chosen)
    if settled is None:
        return
    try:
        settings = probe.prepared(desk(), db(), current_user, chosen.server, settled)
    except Conflict as error:
        chosen.form.refuse(Invalid({"": str(error)}))
        return
    saved = settled.is_stored(chosen.server)
    sender = bounce_sender.to_test_with(desk(), db(), settled.kind, sender)
    release()
    chosen.checks = probe.probe(desk(), settled.kind, settings, sender)
    if saved and chosen.server is not None and probe.passed(chosen.checks):
        server = servers.find(db(), chosen.server.id, lock=True)
        bounce_sender.has_worked(server, sender)
        if server.paused_by == "sender":
            servers.resume(db(), current_user, server.id)


def send_test(page: Page, address: str, identity: store.Identity) -> OutboxMail | None:
    """Queue a test mail with the values on the page: through the server if they are saved, else through a draft of it."""
    settled = settled_card(page.chosen)
    try:
        to = trial.allowed_address(db(), address)
        if settled is None:
            return None
        server = page.chosen.server
        if not settled.is_stored(server):
            server = drafts.draft_of(desk(), db(), current_user, server, settled)
        return trial.send(desk(), db(), current_user, to, server, identity)
    except Invalid as error:
        page.identity.refuse(error)
        return None


def save_card(chosen: Card) -> MailServer | None:
    """Save the card's values and make its server the default; None when they were refused."""
    typed = chosen.form.typed()
    try:
        if chosen.server is not None:
            server = servers.change(desk(), db(), current_user, chosen.server.id, typed)
        else:
            name = servers.free_name(db(), chosen.transport.label)
            server = servers.add(desk(), db(), current_user, name, typed)
        return servers.make_default(db(), current_user, server.id)
    except Invalid as error:
        chosen.form.refuse(error)
        return None


def sender_of(form: Form) -> str:
    """The from address to test with: as typed if it is one, else as saved, else the person's own."""
    typed = form["from_address"].data if "from_address" in form else ""
    try:
        store.checked({"from_address": typed or ""})
    except Invalid:
        typed = ""
    return typed or store.identity(db()).from_address or str(current_user.email)


def is_part() -> bool:
    """Whether htmx asks for a part of the page; without scripts the same address gives the whole page."""
    return "HX-Request" in request.headers


def checks_part(chosen: Card) -> str:
    return render_template("settings/part_checks.html", card=chosen)
