"""Addresses of this feature."""

from hmac import compare_digest
from importlib import import_module
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, Response, abort, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as Answer

from webapp.accounts import audit
from webapp.announcing import held as held_back
from webapp.broadcasts.access import READS
from webapp.dashboard.figures import overview as figures
from webapp.dashboard.health import health as health_of
from webapp.dashboard.metrics import CONTENT_TYPE, exposition
from webapp.dashboard.trouble import lasting_trouble
from webapp.db import utcnow
from webapp.domains.notice import notice
from webapp.guards.reputation import held
from webapp.mail import restored
from webapp.setbacks.listing import standing
from webapp.settings import setup
from webapp.web.access import may, needs, public, signed_in
from webapp.web.session import db, desk

blueprint = Blueprint("dashboard", __name__)


def install(app: Flask) -> None:
    import_module("webapp.dashboard.work_routes")
    app.register_blueprint(blueprint)
    app.jinja_env.globals["lasting_trouble"] = lasting_trouble


@blueprint.get("/")
@signed_in
def overview() -> str:
    """The answer first: what is being sent, what needs somebody, what is left to set up."""
    zone = g.get("zone") or ZoneInfo("UTC")
    return render_template(
        "dashboard/overview.html",
        see=figures(db(), current_user, zone),
        today=utcnow().astimezone(zone),
        left=setup.unfinished(db()) if may("manage_email_settings") else [],
        reads=may(*READS),
        domain=notice(db()) if may("manage_domains") else None,
        held=held(db(), current_user) if may(*READS) else [],
        held_events=held_back.waiting(db()) if may(held_back.RIGHT) else 0,
        setbacks=standing(db()) if may("manage_email_settings") else 0,
        restoration=restored.pending(db()) if may("manage_email_settings") else None,
    )


@blueprint.post("/restored")
@needs("manage_email_settings")
def confirm_restored() -> Answer:
    """Somebody has looked at a restored database: mail may leave again."""
    restored.confirm(db(), current_user.email)
    audit.record(db(), current_user, "restoration.confirmed")
    flash("Mail leaves again. Paused messages stay paused: resume each when you have looked at it.", "ok")
    return redirect(url_for("dashboard.overview"))


@blueprint.get("/health")
@public
def health() -> tuple[dict[str, str], int]:
    """For monitors: 200 while all is well, 503 otherwise."""
    found = health_of(db())
    return found, 200 if found["status"] == "ok" else 503


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    """For Prometheus, behind the operator's token; without a token there is no such page."""
    token = desk().config.metrics_token
    if not token:
        abort(404)
    given = request.headers.get("Authorization", "")
    if not compare_digest(given.encode(), f"Bearer {token}".encode()):
        return Response(
            "Send the token of OFFERPOST_METRICS_TOKEN as a bearer token.\n", 401, mimetype="text/plain"
        )
    return Response(exposition(db()), content_type=CONTENT_TYPE)
