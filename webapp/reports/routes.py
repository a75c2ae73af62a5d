"""Addresses of this feature: reports over time; that of one message in `message_routes`."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, Response, g, render_template, request
from flask_login import current_user

from webapp.broadcasts.access import READS
from webapp.db import utcnow
from webapp.reports.naming import FACETS
from webapp.reports.over_time import Asked, Line, OverTime, export, over_time, sees_all
from webapp.reports.spans import UNITS
from webapp.web.access import needs
from webapp.web.pages import asked_page, cut
from webapp.web.session import db

blueprint = Blueprint("reports", __name__)
SORTS = ("name", "accepted", "deferred", "failed", "unknown", "hard", "complained", "unsubscribed", "clicked")


def install(app: Flask) -> None:
    from webapp.reports import message_routes  # noqa: F401 - its views belong to this blueprint

    app.register_blueprint(blueprint)


@blueprint.get("/reports")
@needs(*READS)
def index() -> str:
    see = _asked()
    search, sort = request.args.get("q", "").strip(), request.args.get("sort", "")
    return render_template(
        "reports/index.html",
        see=see,
        units=UNITS,
        facets=FACETS,
        all_mail=sees_all(current_user),
        page=cut(_sorted(see.lines, search, sort), asked_page()),
        search=search,
        sort=sort,
    )


@blueprint.get("/reports.csv")
@needs(*READS)
def csv() -> Response:
    see = _asked()
    response = Response("".join(export(see)), mimetype="text/csv")
    name = f"reports-{see.asked.unit}-{see.asked.facet}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _asked() -> OverTime:
    zone = g.get("zone") or ZoneInfo("UTC")
    asked = Asked.of(request.args.get("unit", ""), request.args.get("by", ""), request.args.get("value"))
    return over_time(db(), current_user, asked, utcnow().astimezone(zone).date())


def _sorted(lines: Sequence[Line], search: str, sort: str) -> list[Line]:
    found = [line for line in lines if search.lower() in line.name.lower()]
    column = sort.removeprefix("-")
    if column == "name":
        found.sort(key=lambda line: line.name.lower())
    elif column in SORTS:
        found.sort(key=lambda line: line.sums[column])
    if column in SORTS and sort.startswith("-"):
        found.reverse()
    return found
