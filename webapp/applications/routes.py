"""The public form, and the link that confirms an address. GET shows, only POST acts: a scanner's visit spends nothing."""

import time

from flask import Blueprint, Flask, render_template, request
from werkzeug.wrappers import Response

from webapp.applications import applying, guard
from webapp.applications.forms import ApplyForm, ConfirmForm
from webapp.errors import Conflict, Invalid, NotFound
from webapp.settings import store
from webapp.web.access import public
from webapp.web.session import db, desk, release

blueprint = Blueprint("applications", __name__)
ANSWER_SECONDS = 0.3  # nobody can tell by the clock whether a mail was prepared
CLOSED = "This network takes no applications at present. Ask your contact there, or come back later."


def install(app: Flask) -> None:
    from webapp.applications import settings_routes, team_routes  # noqa: F401 - they add their views

    app.register_blueprint(blueprint)


@blueprint.route("/apply", methods=["GET", "POST"])
@public
def apply() -> str | tuple[str, int]:
    own, form, began = store.identity(db()), ApplyForm(), time.monotonic()
    if own.applications != "on":
        raise NotFound(CLOSED)
    if form.submitted():
        try:
            _take(form, own.applications_terms_url)
        except Invalid as error:
            form.refuse(error)
        else:
            release()
            time.sleep(max(0.0, began + ANSWER_SECONDS - time.monotonic()))
            return render_template("applications/sent.html", email=form.email.data)
    form.clock.data = guard.clock(desk().vault)
    return render_template("applications/apply.html", form=form, own=own)


@blueprint.route("/apply/confirm/<token>", methods=["GET", "POST"])
@public
def confirm(token: str) -> str | tuple[str, int] | Response:
    form = ConfirmForm()
    try:
        application = applying.look(db(), desk(), token)
        if form.submitted():
            applying.confirm(db(), application)
    except (NotFound, Conflict) as error:
        status = 404 if isinstance(error, NotFound) else 409
        return render_template("applications/over.html", words=str(error)), status
    return render_template("applications/confirm.html", form=form, application=application)


def _take(form: ApplyForm, terms_url: str) -> None:
    if form.fax_number.data:
        return  # a machine: it reads what a person would, and nothing happens
    if terms_url and not form.agreed.data:
        raise Invalid({"agreed": "Without agreeing to the terms you can’t apply. Read them, then tick this."})
    guard.check_clock(desk().vault, form.clock.data or "")
    applying.submit(db(), desk(), form.values(), terms_url, request.remote_addr or "")
