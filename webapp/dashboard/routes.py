"""Addresses of this feature."""

from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, g, render_template
from flask_login import current_user

from webapp.broadcasts.access import READS
from webapp.dashboard.figures import overview as figures
from webapp.dashboard.trouble import lasting_trouble
from webapp.db import utcnow
from webapp.settings import setup
from webapp.web.access import may, signed_in
from webapp.web.session import db

blueprint = Blueprint("dashboard", __name__)


def install(app: Flask) -> None:
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
    )
