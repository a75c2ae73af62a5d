"""The list of those whom a message would reach now, with everybody who is left out."""

from flask import render_template, request
from flask_login import current_user

from webapp.affiliates import queries as affiliates
from webapp.affiliates.access import sees_details
from webapp.broadcasts import access
from webapp.broadcasts.recipient_list import GETS, LEFT_OUT, WHY, recipients
from webapp.broadcasts.routes import blueprint
from webapp.errors import Invalid, NotFound
from webapp.web.access import needs
from webapp.web.pages import asked_page, paginate
from webapp.web.session import db


@blueprint.get("/<int:broadcast_id>/recipients")
@needs(*access.WRITES, access.APPROVE)
def list_recipients(broadcast_id: int) -> str:
    broadcast = access.find(db(), current_user, broadcast_id)
    if broadcast.mailing_id is not None:
        raise NotFound("This message was started. Its page lists every mail with its outcome.")
    show, search = request.args.get("show", ""), request.args.get("q", "").strip()
    skipping, details = request.args.get("missing") != "send", sees_details(current_user)
    page, refusal = None, ""
    try:
        query = recipients(db(), broadcast, skipping=skipping, show=show, search=search, addresses=details)
        page = paginate(db(), query, number=asked_page())
    except Invalid as error:
        refusal = " ".join(error.problems.values())
    ids = [row.id for row in page.items] if page else []
    return render_template(
        "broadcasts/recipients.html",
        broadcast=broadcast,
        page=page,
        people=affiliates.in_order(db(), ids),
        reasons={row.id: WHY.get(row.reason, "") for row in page.items} if page else {},
        shown=show if show in (GETS, LEFT_OUT) else "",
        search=search,
        details=details,
        refusal=refusal,
    )
