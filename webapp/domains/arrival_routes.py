"""The live test: headers of a mail that arrived, pasted and judged."""

from flask import render_template
from flask_login import current_user

from webapp.domains import arrivals
from webapp.domains.arrival import Judged, judge
from webapp.domains.forms import ArrivalForm
from webapp.domains.loading import sending_domain
from webapp.domains.routes import RIGHT, blueprint
from webapp.errors import Invalid
from webapp.web.access import needs
from webapp.web.session import db


@blueprint.route("/domain-check/live", methods=["GET", "POST"])
@needs(RIGHT)
def live() -> str | tuple[str, int]:
    form = ArrivalForm()
    judged: Judged | None = None
    if form.submitted():
        try:
            judged = judge(form.headers.data or "")
            arrivals.keep(db(), judged, current_user)
        except Invalid as error:
            form.refuse(error)
    last = arrivals.latest(db(), sending_domain(db()))
    page = render_template(
        "domains/live.html", form=form, judged=judged, last=last, domain=sending_domain(db())
    )
    return page, 400 if any(form.problems()) else 200
