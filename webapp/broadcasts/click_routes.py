"""Which links of a message were taken, by how many people; machines are told apart."""

import csv
import io

from flask import Response, render_template
from flask_login import current_user

from webapp.broadcasts import access
from webapp.broadcasts.models import Broadcast
from webapp.broadcasts.routes import blueprint
from webapp.errors import NotFound
from webapp.imports.cells import guarded
from webapp.mail.models import Mailing
from webapp.tracking import counts, figures
from webapp.tracking.counts import day_of
from webapp.web.access import needs
from webapp.web.session import db

HEADS = ("link", "people", "clicks", "clicks_of_machines")


@blueprint.get("/<int:broadcast_id>/clicks")
@needs(*access.READS)
def clicks(broadcast_id: int) -> str:
    broadcast, mailing = _counted(broadcast_id)
    return render_template(
        "broadcasts/clicks.html",
        broadcast=broadcast,
        sent=mailing.sent,
        all=figures.of_mailing(db(), mailing.id),
        links=figures.by_link(db(), mailing.id),
        refused=counts.refused(db(), day_of(mailing.created_at)),
    )


@blueprint.get("/<int:broadcast_id>/clicks.csv")
@needs(*access.READS)
def clicks_csv(broadcast_id: int) -> Response:
    _, mailing = _counted(broadcast_id)
    buffer = io.StringIO()
    lines = csv.writer(buffer, lineterminator="\r\n")
    lines.writerow(HEADS)
    for link in figures.by_link(db(), mailing.id):
        clicked = link.clicked
        lines.writerow([guarded(link.url), clicked.people, clicked.clicks, clicked.machines])
    response = Response(buffer.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="clicks-{broadcast_id}.csv"'
    return response


def _counted(broadcast_id: int) -> tuple[Broadcast, Mailing]:
    broadcast = access.find(db(), current_user, broadcast_id)
    if broadcast.mailing is None:
        raise NotFound("This message is still a draft, so nobody can have clicked yet.")
    if not broadcast.counts_clicks:
        raise NotFound(
            "Clicks are not counted in this message. Its editor has a box for that before it is sent."
        )
    return broadcast, broadcast.mailing
