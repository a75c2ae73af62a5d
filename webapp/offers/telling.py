"""What affiliates hear of changes to offers and to who runs them. `announcing` makes mail of it, in the same transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from html import escape

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.announce import Happening, Note, announce
from webapp.db import utcnow
from webapp.offers.models import Assignment, Creative, Offer
from webapp.offers.running import ACTIVE
from webapp.offers.terms import APPROVED, shown_day, shown_payout

PAUSED, ENDED, REQUESTED, DENIED = "paused", "ended", "requested", "denied"
MOST_REPLACEMENTS = 5
REQUEST_EVENTS = {APPROVED: "campaign_request_approved", DENIED: "campaign_request_denied"}


@dataclass(frozen=True)
class Before:
    """An offer as it was, as far as affiliates hear of it. The time of its last change tells one change from the next."""

    status: str
    payout: str
    changed_at: datetime

    @classmethod
    def of(cls, offer: Offer) -> "Before":
        return cls(offer.status, shown_payout(offer, None), offer.changed_at)


def offer_changed(session: Session, before: Before, offer: Offer, note: Note) -> None:
    """Say what became of an offer's status and payout."""
    change = before.changed_at.isoformat()
    if before.status != offer.status:
        _status_changed(session, before.status, offer, note, change)
    payout = shown_payout(offer, None)
    if before.payout and payout and before.payout != payout and offer.status == ACTIVE:
        values = {"oldpayout": before.payout, "newpayout": payout, "effectivedate": _day(note)}
        people = approved(session, offer, Assignment.payout.is_(None))
        announce(session, Happening("payout_change", change, people, offer.cid, values))


def own_payouts_changed(
    session: Session, offer: Offer, before: Mapping[int, tuple[Decimal | None, datetime]], note: Note
) -> None:
    """Say to affiliates on an offer what they earn now; `before` holds own payout and last change by affiliate."""
    rows = session.scalars(
        select(Assignment).where(Assignment.offer_id == offer.id, Assignment.affiliate_id.in_(before))
    )
    own, changes = {}, {}
    for each in rows:
        payout, changed_at = before[each.affiliate_id]
        old, new = shown_payout(offer, payout), shown_payout(offer, each.payout)
        if each.state == APPROVED and old and new and old != new:
            own[each.affiliate_id] = {"oldpayout": old, "newpayout": new}
            changes[each.affiliate_id] = f"own:{changed_at.isoformat()}"
    if own and offer.status == ACTIVE:
        values = {"effectivedate": _day(note)}
        announce(session, Happening("payout_change", "", list(own), offer.cid, values, own, changes=changes))


def decided(session: Session, found: Iterable[tuple[Assignment, str, datetime]], note: Note) -> None:
    """Say to those who asked for an offer how it was decided; with each assignment its state before, and since when."""
    groups: dict[tuple[str, str], dict[int, str]] = {}
    for each, before, since in found:
        if before == REQUESTED and each.state in REQUEST_EVENTS:
            key = (REQUEST_EVENTS[each.state], each.offer.cid)
            groups.setdefault(key, {})[each.affiliate_id] = since.isoformat()
    for (event, cid), changes in groups.items():
        denied = event == REQUEST_EVENTS[DENIED]
        values = {"denialreason": note.reason} if denied and note.reason else {}
        announce(session, Happening(event, "", list(changes), cid, values, changes=changes))


def requested(session: Session, assignment: Assignment) -> None:
    """An affiliate has asked for an offer: it is approved at once if the offer says so, else the team hears of it."""
    if assignment.state != REQUESTED:
        return
    change, people = assignment.changed_at.isoformat(), [assignment.affiliate_id]
    if assignment.offer.approves_requests:
        assignment.state = APPROVED
        session.flush()
        announce(session, Happening(REQUEST_EVENTS[APPROVED], change, people, assignment.offer.cid))
    else:
        cid = assignment.offer.cid
        announce(session, Happening("staff_campaign_request", change, people, cid, page="/assignments"))


def creatives_sent(session: Session, offer: Offer, creatives: Sequence[Creative]) -> None:
    """Mail an offer's creatives to those who run it; the same ones a second time reach only who was not mailed yet."""
    said = "\0".join(f"{one.id}\0{one.name}\0{one.code}" for one in creatives)
    change = sha256(said.encode()).hexdigest()
    announce(session, Happening("send_creatives", change, approved(session, offer), offer.cid))


def ending_soon(session: Session, offer: Offer) -> None:
    """Say that an offer ends on its end date: once for each date, whoever says it and however often."""
    if offer.end_date is not None:
        _ends(session, offer, offer.end_date)


def approved(session: Session, offer: Offer, *more: object) -> list[int]:
    """Ids of the affiliates who are approved on an offer."""
    query = select(Assignment.affiliate_id).where(
        Assignment.offer_id == offer.id, Assignment.state == APPROVED
    )
    return list(session.scalars(query.where(*more).order_by(Assignment.affiliate_id)))  # type: ignore[arg-type]


def replacements(session: Session, offer: Offer) -> str:
    """Other running offers of the same category as an HTML list; "" without any."""
    if not offer.category:
        return ""
    query = select(Offer).where(
        Offer.status == ACTIVE, Offer.category == offer.category, Offer.id != offer.id
    )
    found = session.scalars(query.order_by(Offer.id.desc()).limit(MOST_REPLACEMENTS)).all()
    items = "".join(f"<li>{escape(one.public_name)}</li>" for one in found)
    return f"<ul>{items}</ul>" if items else ""


def _status_changed(session: Session, before: str, offer: Offer, note: Note, change: str) -> None:
    if offer.status == PAUSED and before == ACTIVE:
        values = {
            "effectivedate": shown_day(note.day),
            "pausereason": note.reason,
            "replacementoffers": replacements(session, offer),
        }
        _to_all(session, "offer_paused", change, offer, values)
    elif offer.status == ACTIVE and before == PAUSED:
        _to_all(session, "offer_resumed", change, offer, {})
    elif offer.status == ENDED and before in (ACTIVE, PAUSED):
        _ends(session, offer, note.day or utcnow().date())


def _ends(session: Session, offer: Offer, day: date) -> None:
    values = {"effectivedate": shown_day(day), "replacementoffers": replacements(session, offer)}
    _to_all(session, "offer_ending", f"ends {day.isoformat()}", offer, values)


def _to_all(session: Session, event: str, change: str, offer: Offer, values: Mapping[str, str]) -> None:
    said = {key: value for key, value in values.items() if value}
    announce(session, Happening(event, change, approved(session, offer), offer.cid, said))


def _day(note: Note) -> str:
    return shown_day(note.day or utcnow().date())
