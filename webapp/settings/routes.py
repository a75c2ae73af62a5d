"""Addresses of this feature: the page of the email settings here, the rest in the modules that `install` names."""

from contextlib import suppress
from importlib import import_module

from flask import Blueprint, Flask, Response, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as Answer

from webapp.accounts import audit
from webapp.db import utcnow
from webapp.errors import Invalid
from webapp.settings import budgets, cards, drawing, routing, servers, setup, store, trial
from webapp.settings.forms import IdentityForm, Page
from webapp.settings.store import Identity
from webapp.web import origin
from webapp.web.access import needs, public
from webapp.web.session import db, desk

blueprint = Blueprint("settings", __name__)

REQUIRED = frozenset({"from_address", "network_name"})


def install(app: Flask) -> None:
    for name in ("server", "routing", "trial", "setup", "folder", "signing_in"):
        import_module(f"webapp.settings.{name}_routes")
    app.register_blueprint(blueprint)
    app.before_request(_know_the_network)
    origin.plug_address(app, lambda: store.public_url(db(), desk().config))
    app.jinja_env.globals.update(network_name=_network_name, **drawing.as_globals())


@blueprint.route("/account/email-settings", methods=["GET", "POST"])
@needs("manage_email_settings")
def email_settings() -> Answer | str | tuple[str, int]:
    identity = store.identity(db())
    form = IdentityForm(obj=identity, test_to=current_user.email)
    page = Page(form, cards.cards(), trial.latest(db()))
    if not form.submitted() or not page.has_choice:
        return _drawn(page, 400 if any(form.problems()) else 200)
    match request.form.get("do"):
        case "probe":
            cards.test_connection(page.chosen, cards.sender_of(form))
            return cards.checks_part(page.chosen) if cards.is_part() else _drawn(page)
        case "test":
            return _test_mail(page, form, identity)
    return _save(page, form)


@blueprint.get("/account/email-settings/fields.css")
@public
def field_styles() -> Response:
    """Which declared fields are seen under which condition; holds nothing but names of fields."""
    return Response(drawing.style_sheet(desk().registry.kinds()), mimetype="text/css")


def _save(page: Page, form: IdentityForm) -> Answer | tuple[str, int] | str:
    before, typed = store.identity(db()), form.typed()
    try:
        store.put(db(), typed, required=REQUIRED)
    except Invalid as error:
        form.refuse(error)
    server = cards.save_card(page.chosen)
    if any(page.problems()) or server is None:
        db().rollback()
        return _drawn(page, 400)
    changed = [key for key in typed if getattr(before, key) != getattr(store.identity(db()), key)]
    if changed:
        audit.record(db(), current_user, "settings changed", ", ".join(changed))
    setup.choose_server(db())
    flash(f"Saved. Mail now leaves through {server.name}.", "ok")
    return redirect(url_for("settings.email_settings"))


def _test_mail(page: Page, form: IdentityForm, saved: Identity) -> Answer | tuple[str, int] | str:
    try:
        unsaved = store.checked(form.typed())
        identity = Identity(**{**vars(saved), **{key: value for key, value in unsaved.items() if value}})
        mail = cards.send_test(page, form.test_to.data or "", identity)
    except Invalid as error:
        form.refuse(error)
        mail = None
    if mail is None:
        db().rollback()
    page.test = mail or page.test
    if cards.is_part():
        words = trial.words(db(), mail) if mail is not None else None
        return render_template("settings/part_test.html", mail=mail, words=words, form=page)
    return _drawn(page, 200 if mail is not None else 400)


def _drawn(page: Page, status: int = 200) -> tuple[str, int] | str:
    refused, known = desk().registry.refused, servers.saved(db())
    body = render_template(
        "settings/email_settings.html",
        form=page,
        page=page,
        test_words=trial.words(db(), page.test) if page.test is not None else None,
        identity=page.identity,
        saved=store.identity(db()),
        servers=known,
        standings={server.id: budgets.standing(db(), server, utcnow()) for server in known},
        routed={server.id: routing.line_of(server, known) for server in known},
        refused=refused,
    )
    return (body, status) if status != 200 else body


def _know_the_network() -> None:
    """Times follow the network's zone and the frame shows its name; read beside the request's own transaction."""
    if request.endpoint in (None, "static", "settings.field_styles", "dashboard.health", "dashboard.metrics"):
        return
    with desk().reading() as session:
        identity = store.identity(session)
    g.zone, g.network_name = identity.zone, identity.network_name


def _network_name() -> str:
    """For every frame, also that of an error page, which may be drawn before anything was read or while nothing can be."""
    if "network_name" not in g:
        g.network_name = ""
        with suppress(SQLAlchemyError):
            _know_the_network()
    return str(g.network_name)
