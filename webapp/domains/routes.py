"""Addresses of this feature: the check and its history here; the records to publish, keys and live test next door."""

from importlib import import_module

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as Answer

from webapp.accounts import audit
from webapp.domains import history, looks
from webapp.domains.forms import CheckForm, PressForm
from webapp.domains.jobs import LOOK
from webapp.domains.loading import sending_domain
from webapp.domains.models import DomainCheck
from webapp.domains.page import shown
from webapp.errors import Invalid
from webapp.mail.signing import keys
from webapp.web.access import needs
from webapp.web.pages import asked_page, paginate
from webapp.web.session import db, desk, release

blueprint = Blueprint("domains", __name__)
RIGHT = "manage_domains"


def install(app: Flask) -> None:
    for module in ("look_routes", "key_routes", "loop_routes"):
        import_module(f"webapp.domains.{module}")
    app.register_blueprint(blueprint)


@blueprint.route("/domain-check", methods=["GET", "POST"])
@needs(RIGHT)
def index() -> Answer | str | tuple[str, int]:
    """The newest check of a domain, of the sending one unless another is asked for."""
    asked = request.args.get("domain", "").strip().lower() or sending_domain(db())
    form = CheckForm(domain=asked)
    if form.submitted():
        try:
            return _checked(form.domain.data or "")
        except Invalid as error:
            form.refuse(error)
    made = history.latest(db(), asked) if asked else None
    return _page(made, form, asked), 400 if any(form.problems()) else 200


def _checked(domain: str) -> Answer:
    wanted = keys.cleaned(domain)
    asked = looks.ask(db(), current_user, looks.CHECK, wanted)
    release()
    desk().jobs.enqueue(LOOK, number=asked.id)
    return redirect(url_for("domains.index", domain=wanted))


@blueprint.get("/domain-check/<int:number>")
@needs(RIGHT)
def past(number: int) -> str:
    made = history.find(db(), number)
    return _page(made, CheckForm(domain=made.domain), made.domain)


@blueprint.get("/domain-check/history")
@needs(RIGHT)
def checks() -> str:
    domain = request.args.get("domain", "").strip().lower() or sending_domain(db())
    page = paginate(db(), history.listed(domain), number=asked_page())
    return render_template("domains/history.html", page=page, domain=domain, domains=history.domains(db()))


@blueprint.post("/domain-check/<int:number>/seen")
@needs(RIGHT)
def seen(number: int) -> Answer:
    made = history.find(db(), number)
    history.acknowledge(db(), made)
    audit.record(db(), current_user, "domain notice acknowledged", made.domain)
    flash("Seen. It is said again when something else becomes worse.", "ok")
    return redirect(url_for("domains.index", domain=made.domain))


def _page(made: DomainCheck | None, form: CheckForm, domain: str) -> str:
    return render_template(
        "domains/index.html",
        made=made,
        view=shown(made) if made else None,
        look=looks.latest(db(), looks.CHECK, domain),
        form=form,
        press=PressForm(),
        domain=domain,
    )
