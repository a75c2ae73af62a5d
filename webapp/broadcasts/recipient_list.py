"""Everybody in the audience of a message by name, and why somebody is left out: as it is now, for the message's page."""

from typing import Any

from sqlalchemy import Select, case, or_, select
from sqlalchemy.orm import Session

from webapp.affiliates import finding
from webapp.affiliates.models import Affiliate
from webapp.broadcasts.content import scopes_of
from webapp.broadcasts.drafts import author_of
from webapp.broadcasts.models import Broadcast
from webapp.broadcasts.reach import needed, rows_of

GETS, LEFT_OUT = "gets", "left_out"
WHY = {
    "suppressed": "Bounced, complained or left",
    "enough": "Has had as many announcements lately as the rules allow",
    "duplicates": "Another affiliate with this address gets it",
    "missing": "A value that the text uses is missing",
}


def recipients(
    session: Session, broadcast: Broadcast, *, skipping: bool, show: str, search: str, addresses: bool
) -> Select[Any]:
    """Affiliate.id and the reason ("" for whoever gets it), by name. `skipping`: who lacks a value gets no mail.

    `show` is gets, left_out or "" for all; `addresses`: the search looks into addresses too.
    """
    keys = needed(session, *broadcast.written, offer=broadcast.offer_cid)
    scopes = scopes_of(broadcast.kind, broadcast.offer_cid)
    rows = rows_of(
        session, broadcast.audience, author_of(session, broadcast), scopes, keys, turns=True
    ).subquery()
    lacking = [(rows.c.missing, "missing")] if skipping else []
    reason = case(
        (rows.c.suppressed, "suppressed"),
        (rows.c.enough, "enough"),
        (rows.c.turn > 1, "duplicates"),
        *lacking,
        else_="",
    )
    query = select(Affiliate.id, reason.label("reason")).join(rows, rows.c.id == Affiliate.id)
    if show in (GETS, LEFT_OUT):
        out = [rows.c.suppressed, rows.c.enough, rows.c.turn > 1, *(one for one, _ in lacking)]
        query = query.where(or_(*out) if show == LEFT_OUT else ~or_(*out))
    for word in finding.words(search):
        query = query.where(finding.contains(word, addresses=addresses))
    return query.order_by(Affiliate.name_lower, Affiliate.id)
