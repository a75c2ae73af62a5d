"""The page of events: what is mailed by itself, to whom, and when it was last."""

from flask import Blueprint, Flask, render_template, request

from webapp.announcing import queries
from webapp.announcing.catalogue import EVENTS
from webapp.web.access import needs
from webapp.web.session import db

blueprint = Blueprint("announcing", __name__)


def install(app: Flask) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/events")
@needs("manage_templates", "view_delivery_log")
def index() -> str:
    search, state = request.args.get("q", "").strip(), request.args.get("state", "")
    found = queries.rows(db(), search, state if state in ("on", "off") else "")
    return render_template("announcing/index.html", rows=found, total=len(EVENTS), search=search, state=state)
