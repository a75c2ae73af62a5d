"""The DKIM keys: made, published, put to use, rotated, retired."""

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as Answer

from webapp.accounts import audit
from webapp.domains import key_pages
from webapp.domains.forms import KeyForm, PressForm
from webapp.domains.loading import sending_domain
from webapp.domains.routes import RIGHT, blueprint
from webapp.errors import Conflict, DomainError, Invalid
from webapp.mail.dkim.keys import Algorithm
from webapp.mail.signing import keys
from webapp.mail.signing.published import fault_in_dns
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
    page = render_template("domains/keys.html", form=form, groups=found, press=PressForm())
    return page, 400 if any(form.problems()) else 200


@blueprint.post("/domain-check/keys/<int:number>/activate")
@needs(RIGHT)
def activate_key(number: int) -> Answer:
    """Only a key whose record is seen in the DNS signs: receivers refuse what they cannot check."""
    key = key_pages.find(db(), number)
    record = keys.record_of(key)
    release()
    fault = fault_in_dns(record, resolver=desk().config.resolver)
    if fault:
        flash(f"{fault} So nothing was changed. A new record may take an hour to be seen.", "bad")
        return redirect(url_for("domains.dkim_keys"))
    key = key_pages.find(db(), number)
    replaced = keys.activate(db(), key)
    audit.record(db(), current_user, "DKIM key activated", f"{key.domain} {key.selector}")
    words = f"Mail from {key.domain} is signed with {key.selector}."
    if replaced is not None:
        words += (
            f" Leave the record of {replaced.selector} for a week: mail that it signed is still under way."
        )
    flash(words, "ok")
    return redirect(url_for("domains.dkim_keys"))


@blueprint.post("/domain-check/keys/<int:number>/look")
@needs(RIGHT)
def look_for_key(number: int) -> Answer:
    key = key_pages.find(db(), number)
    record = keys.record_of(key)
    release()
    fault = fault_in_dns(record, resolver=desk().config.resolver)
    flash(fault or f"The record of {key.selector} is there and holds our key.", "warn" if fault else "ok")
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
