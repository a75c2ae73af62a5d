"""Addresses of this feature: the check and its history here, keys and live test next door."""

from importlib import import_module

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as Answer

from webapp.accounts import audit
from webapp.domains import assistant, history
from webapp.domains.case import Case
from webapp.domains.forms import CheckForm, PressForm
from webapp.domains.loading import sending_domain, subject_of
from webapp.domains.lookup.resolver import Resolver
from webapp.domains.models import DomainCheck
from webapp.domains.page import shown
from webapp.errors import Invalid
from webapp.mail.signing import keys
from webapp.settings import store
from webapp.web.access import needs
from webapp.web.pages import asked_page, paginate
from webapp.web.session import db, desk, release

blueprint = Blueprint("domains", __name__)
RIGHT = "manage_domains"


def install(app: Flask) -> None:
    for module in ("key_routes", "arrival_routes"):
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
    history.slow_down(db(), current_user)
    subject = subject_of(desk(), db(), domain)
    audit.record(db(), current_user, "domain checked", subject.domain)
    release()
    made = history.keep(db(), history.examine(desk(), subject), current_user)
    return redirect(url_for("domains.index", domain=made.domain))


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


@blueprint.get("/domain-check/records")
@needs(RIGHT)
def records() -> str | Answer:
    """Every record of a sub-domain for sending, to paste or to send to whoever runs the DNS."""
    asked = request.args.get("domain", "") or sending_domain(db())
    if not asked:
        return redirect(url_for("domains.index"))
    wanted = keys.cleaned(asked)
    subject = subject_of(desk(), db(), assistant.proposal(wanted))
    case = Case(subject, Resolver(desk().config.resolver))
    lines, notes = assistant.plan(case, public_url=store.public_url(db(), desk().config))
    zone = case.zone_of(case.domain)
    texts = [assistant.snippet(lines, zone, relative=one) for one in (True, False)]
    if request.args.get("as") == "text":
        return Response(texts[1] + "\n", mimetype="text/plain")
    return render_template(
        "domains/records.html",
        domain=case.domain,
        zone=zone,
        lines=lines,
        notes=notes,
        relative=texts[0],
        absolute=texts[1],
    )


def _page(made: DomainCheck | None, form: CheckForm, domain: str) -> str:
    return render_template(
        "domains/index.html",
        made=made,
        view=shown(made) if made else None,
        form=form,
        press=PressForm(),
        domain=domain,
    )
