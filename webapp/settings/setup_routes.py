"""The steps of first start that belong to this feature: network, identity, how mail leaves, test mail."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as Answer

from transports.contract import Transport
from webapp.accounts import audit
from webapp.errors import Invalid
from webapp.settings import cards, probe, setup, store, trial
from webapp.settings.forms import BareForm, FirstIdentityForm, FirstTestForm, NetworkForm, Page
from webapp.settings.routes import blueprint
from webapp.web.access import needs
from webapp.web.forms import Form
from webapp.web.session import db, desk


@blueprint.route("/setup/network", methods=["GET", "POST"])
@needs("manage_email_settings")
def setup_network() -> Answer | str | tuple[str, int]:
    identity = store.identity(db())
    form = NetworkForm(obj=identity)
    if not form.public_url.data and request.method == "GET":
        form.public_url.data = desk().config.public_url
    return _texts("network", form, frozenset({"network_name"}))


@blueprint.route("/setup/identity", methods=["GET", "POST"])
@needs("manage_email_settings")
def setup_identity() -> Answer | str | tuple[str, int]:
    identity = store.identity(db())
    form = FirstIdentityForm(obj=identity)
    if not form.from_name.data and request.method == "GET":
        form.from_name.data = identity.network_name
    return _texts("identity", form, frozenset({"from_name", "from_address"}))


@blueprint.route("/setup/server", methods=["GET", "POST"])
@needs("manage_email_settings")
def setup_server() -> Answer | str | tuple[str, int]:
    form = BareForm()
    page = Page(form, cards.cards(order=_folder_first))
    if not form.submitted() or not page.has_choice:
        return _server_page(page, 400 if any(form.problems()) else 200)
    if request.form.get("do") == "probe" and cards.is_part():
        cards.test_connection(page.chosen, cards.sender_of(form))
        return cards.checks_part(page.chosen)
    if request.form.get("do") != "untested":
        cards.test_connection(page.chosen, cards.sender_of(form))
        if not probe.passed(page.chosen.checks):
            return _server_page(page, 400 if any(page.problems()) else 200)
    server = cards.save_card(page.chosen)
    if server is None:
        db().rollback()
        return _server_page(page, 400)
    setup.choose_server(db())
    flash(f"Saved. Mail now leaves through {server.name}.", "ok")
    return _onwards("server")


@blueprint.route("/setup/test", methods=["GET", "POST"])
@needs("manage_email_settings")
def setup_test() -> Answer | str | tuple[str, int]:
    form = FirstTestForm(test_to=current_user.email)
    mail = trial.latest(db())
    status = 200
    if form.submitted():
        if request.form.get("do") == "skip":
            return _skipped("test")
        try:
            address = trial.allowed_address(db(), form.test_to.data or "")
            mail = trial.send(desk(), db(), current_user, address, None)
        except Invalid as error:
            db().rollback()
            form.refuse(error)
            status = 400
    words = trial.words(db(), mail) if mail is not None else None
    onwards = setup.after(db(), "test")
    steps = setup.steps(db(), "test")
    page = render_template(
        "settings/setup_test.html", form=form, mail=mail, words=words, steps=steps, onwards=onwards
    )
    return page, status


def _texts(key: str, form: Form, required: frozenset[str]) -> Answer | str | tuple[str, int]:
    """One step that asks for texts: store them, go on."""
    status = 200
    if form.submitted():
        if request.form.get("do") == "skip" and key in setup.SKIPPABLE:
            return _skipped(key)
        typed = {name: form[name].data or "" for name in store.KEYS if name in form}
        try:
            store.put(db(), typed, required=required)
            audit.record(db(), current_user, "settings changed", ", ".join(typed))
            return _onwards(key)
        except Invalid as error:
            form.refuse(error)
            status = 400
    return render_template(f"settings/setup_{key}.html", form=form, steps=setup.steps(db(), key)), status


def _server_page(page: Page, status: int = 200) -> str | tuple[str, int]:
    steps = setup.steps(db(), "server")
    body = render_template(
        "settings/setup_server.html", form=page, page=page, token=page.identity, steps=steps
    )
    return (body, status) if status != 200 else body


def _skipped(key: str) -> Answer:
    setup.skip(db(), key)
    return _onwards(key)


def _onwards(key: str) -> Answer:
    step = setup.after(db(), key)
    return redirect((step.url if step else "") or url_for("dashboard.overview"))


def _folder_first(transport: type[Transport]) -> int:
    return 0 if transport.kind == setup.FOLDER else 1
