"""The page of events: what is mailed by itself, to whom, and when it was last."""

from importlib import import_module

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.accounts import audit
from webapp.announcing import clockwork, held, queries
from webapp.announcing.catalogue import EVENTS
from webapp.settings import store
from webapp.settings.storing import stored
from webapp.web.access import may, needs
from webapp.web.forms import Form, TextField
from webapp.web.session import db

blueprint = Blueprint("announcing", __name__)


def install(app: Flask) -> None:
    import_module("webapp.announcing.held_routes")
    app.register_blueprint(blueprint)


@blueprint.get("/events")
@needs("manage_templates", "view_delivery_log")
def index() -> str:
    search, state = request.args.get("q", "").strip(), request.args.get("state", "")
    found = queries.rows(db(), search, state if state in ("on", "off") else "")
    waiting = held.waiting(db()) if may(held.RIGHT) else 0
    return render_template(
        "announcing/index.html", rows=found, total=len(EVENTS), search=search, state=state, waiting=waiting
    )


_DIGITS = {"inputmode": "numeric", "autocomplete": "off"}


class TimingForm(Form):
    ending_days = TextField(
        "Days before an offer ends",
        description="So long before its end date everybody on an offer hears of it. 0: nobody does.",
        render_kw=_DIGITS,
    )
    tax_reminder_days = TextField("Days between reminders of a tax form", render_kw=_DIGITS)
    cap_percent = TextField(
        "Per cent of a cap",
        description="A cap that your tracking platform reports is told from here on, and once more at 100.",
        render_kw=_DIGITS,
    )


@blueprint.route("/events/timing", methods=["GET", "POST"])
@needs("manage_templates")
def timing() -> str | Response:
    form = TimingForm(obj=store.identity(db()))
    typed = stored(form, ("ending_days", "tax_reminder_days", "cap_percent"))
    if typed is not None:
        audit.record(db(), current_user, "timing of events changed", **typed)
        flash("Saved. What is due is mailed within the hour.", "ok")
        return redirect(url_for("announcing.index"))
    return render_template("announcing/timing.html", form=form, missing=clockwork.count_without_form(db()))
