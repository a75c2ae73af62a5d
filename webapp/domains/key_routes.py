"""The DKIM keys: made, published, put to use, rotated, retired."""

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as Answer

from webapp.accounts import audit
from webapp.domains import key_pages, looks
from webapp.domains.forms import KeyForm, PressForm
from webapp.domains.jobs import LOOK
from webapp.domains.loading import sending_domain
from webapp.domains.routes import RIGHT, blueprint
from webapp.errors import Conflict, DomainError, Invalid
from webapp.mail.dkim.keys import Algorithm
from webapp.mail.signing import keys
from webapp.web.access import needs
from webapp.web.session import db, desk, release

KINDS = {"rsa": (Algorithm.RSA,), "ed25519": (Algorithm.ED25519,), "both": (Algorithm.RSA, Algorithm.ED25519)}


@blueprint.route("/domain-check/keys", methods=["GET", "POST"])
@needs(RIGHT)
def dkim_keys() -> Answer | str | tuple[str, int]:
    form = KeyForm(domain=sending_domain(db()))
    if form.submitted():
        try:
            made = keys.add(db(), desk().vault, form.domain.data or "", KINDS[form.kind.data])
            for key in made:
                audit.record(db(), current_user, "DKIM key added", f"{key.domain} {key.selector}")
            flash(
                f"Made {made[0].selector} for {made[0].domain}. Publish its record, then let it sign.", "ok"
            )
            return redirect(url_for("domains.dkim_keys"))
        except Invalid as error:
            form.refuse(error)
        except Conflict as error:
            form.form_errors.append(str(error))
    found = key_pages.shown(db())
    page = render_template(
        "domains/keys.html", form=form, groups=found, looks=looks.about_keys(db()), press=PressForm()
    )
    return page, 400 if any(form.problems()) else 200


@blueprint.post("/domain-check/keys/<int:number>/activate")
@needs(RIGHT)
def activate_key(number: int) -> Answer:
    return _look(number, looks.SIGN)


@blueprint.post("/domain-check/keys/<int:number>/look")
@needs(RIGHT)
def look_for_key(number: int) -> Answer:
    return _look(number, looks.KEY)


def _look(number: int, kind: str) -> Answer:
    """The DNS is asked by a job; the page says what it found."""
    key = key_pages.find(db(), number)
    asked = looks.ask(db(), current_user, kind, key.domain, {"key": key.id})
    release()
    desk().jobs.enqueue(LOOK, number=asked.id)
    return redirect(url_for("domains.dkim_keys"))


@blueprint.post("/domain-check/keys/<int:number>/retire")
@needs(RIGHT)
def retire_key(number: int) -> Answer:
    key = key_pages.find(db(), number)
    keys.retire(db(), key)
    audit.record(db(), current_user, "DKIM key retired", f"{key.domain} {key.selector}")
    flash(f"{key.selector} of {key.domain} is retired. It can be used again at any time.", "ok")
    return redirect(url_for("domains.dkim_keys"))


@blueprint.post("/domain-check/keys/<int:number>/rotate")
@needs(RIGHT)
def rotate_key(number: int) -> Answer:
    """A second selector beside the first, which goes on signing until the new one is seen and put to use."""
    key = key_pages.find(db(), number)
    try:
        for made in keys.rotate(db(), desk().vault, key.domain):
            audit.record(db(), current_user, "DKIM key added", f"{made.domain} {made.selector}")
            flash(f"Made {made.selector}. Publish its record; until then {key.selector} signs.", "ok")
    except DomainError as error:
        flash(str(error), "bad")
    return redirect(url_for("domains.dkim_keys"))
