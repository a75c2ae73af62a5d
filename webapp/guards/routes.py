"""Addresses of this feature: the reputation page, its figures as CSV, and the feedback loops that a person ticks."""

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as Answer

from webapp.accounts import audit
from webapp.broadcasts.access import READS
from webapp.db import utcnow
from webapp.guards import programme
from webapp.guards.judgement import percent
from webapp.guards.models import FeedbackLoop
from webapp.guards.reputation import COLUMNS, export, held, reputation
from webapp.guards.rules.loops import LOOPS
from webapp.web.access import may, needs
from webapp.web.session import db

blueprint = Blueprint("guards", __name__)
READERS = ("view_delivery_log", "manage_domains", "manage_email_settings")


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.jinja_env.filters["rate"] = percent


@blueprint.get("/delivery/reputation")
@needs(*READERS)
def index() -> str:
    return render_template(
        "guards/reputation.html",
        see=reputation(db(), _asked(), utcnow()),
        held=held(db(), current_user) if may(*READS) else [],
        loops=LOOPS,
        done=programme.done_loops(db()),
        columns=COLUMNS,
    )


@blueprint.get("/delivery/reputation.csv")
@needs(*READERS)
def csv() -> Response:
    response = Response("".join(export(db(), _asked(), utcnow())), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="reputation.csv"'
    return response


@blueprint.post("/delivery/reputation/loops")
@needs("manage_email_settings")
def save_loops() -> Answer:
    """Whoever ticks one says: enrolled, and seen today."""
    ticked = [name for name in LOOPS if name in request.form]
    for name in LOOPS:
        known = db().get(FeedbackLoop, name)
        if known is not None and (name not in ticked or f"{name}_again" in request.form):
            db().delete(known)
            db().flush()
            known = None
        if known is None and name in ticked:
            db().add(FeedbackLoop(name=name, done_at=utcnow(), done_by=current_user.email))
    audit.record(db(), current_user, "feedback loops", ", ".join(ticked) or "none")
    flash("Saved.", "ok")
    return redirect(url_for("guards.index", _anchor="h-loops"))


def _asked() -> str:
    return request.args.get("domain", "").strip().lower()
