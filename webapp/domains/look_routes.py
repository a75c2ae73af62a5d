"""The records to publish, and whether a look that was asked for is made. No page here asks anybody outside: a job does."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as Answer

from webapp.domains import assistant, looks
from webapp.domains.forms import PressForm
from webapp.domains.jobs import LOOK
from webapp.domains.loading import sending_domain
from webapp.domains.routes import RIGHT, blueprint
from webapp.errors import Invalid, NotFound
from webapp.mail.signing import keys
from webapp.web.access import needs
from webapp.web.session import db, desk, release


@blueprint.get("/domain-check/looks/<int:number>")
@needs(RIGHT)
def progress(number: int) -> str | Response:
    """The line that says that a look is under way; once it is made, the page around it is loaded again."""
    look = looks.find(db(), number)
    if look.done_at is not None:
        return Response(headers={"HX-Refresh": "true"})
    return render_template("domains/_under_way.html", look=look)


@blueprint.route("/domain-check/records", methods=["GET", "POST"])
@needs(RIGHT)
def records() -> str | Answer:
    """Every record of a sub-domain for sending, to paste or to send to whoever runs the DNS."""
    asked = request.args.get("domain", "") or sending_domain(db())
    if not asked:
        return redirect(url_for("domains.index"))
    try:
        domain = assistant.proposal(keys.cleaned(asked))
    except Invalid as error:
        raise NotFound(str(error)) from None
    if PressForm().submitted():
        return _look_up(domain)
    look = looks.latest(db(), looks.RECORDS, domain)
    if request.args.get("as") == "text" and look is not None and look.found:
        return Response(look.found["absolute"] + "\n", mimetype="text/plain")
    return render_template("domains/records.html", domain=domain, look=look, press=PressForm())


def _look_up(domain: str) -> Answer:
    asked = looks.ask(db(), current_user, looks.RECORDS, domain)
    release()
    desk().jobs.enqueue(LOOK, number=asked.id)
    flash(f"The DNS is asked what is there of {domain} already.", "ok")
    return redirect(url_for("domains.records", domain=domain))
