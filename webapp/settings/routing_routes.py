"""The routing table as a form: which mail leaves through which server, and what goes on for one that can't."""

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as Answer

from webapp.db import utcnow
from webapp.errors import Invalid
from webapp.settings import routing, servers
from webapp.settings.detours import NAMES
from webapp.settings.passages import Passages
from webapp.settings.routes import blueprint
from webapp.settings.routing_forms import RoutingForm
from webapp.web.access import needs
from webapp.web.session import db


@blueprint.route("/account/email-settings/routes", methods=["GET", "POST"])
@needs("manage_email_settings")
def routing_table() -> Answer | str | tuple[str, int]:
    form = RoutingForm.of(servers.saved(db()))
    if not form.submitted():
        return _drawn(form, 400 if any(form.problems()) else 200)
    for row in form.rows:
        try:
            routing.change(db(), current_user, row.server.id, row.typed())
        except Invalid as error:
            row.refuse(error)
    if any(form.problems()):
        db().rollback()
        return _drawn(form, 400)
    flash("Saved. Mail that waits follows the new routes; what a sender holds already does not.", "ok")
    return redirect(url_for("settings.routing_table"))


def _drawn(form: RoutingForm, status: int = 200) -> str | tuple[str, int]:
    passages = Passages(db(), utcnow())
    body = render_template(
        "settings/routing.html", form=form, leaving=passages.table(), closed=passages.closed, kinds=NAMES
    )
    return (body, status) if status != 200 else body
