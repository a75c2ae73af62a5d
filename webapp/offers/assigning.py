"""Who runs which offer, decided by hand: one at a time or many at once. Who had asked hears of the decision."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session, joinedload

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.affiliates import access as affiliates
from webapp.affiliates.models import Affiliate
from webapp.among import among
from webapp.announce import Note
from webapp.db import inserting, utcnow
from webapp.errors import Conflict, Invalid, NotFound
from webapp.imports.cleaning import clean
from webapp.offers import access
from webapp.offers.details import ASSIGNMENT
from webapp.offers.fields import typed
from webapp.offers.models import Assignment, Offer
from webapp.offers.telling import decided, own_payouts_changed, requested

MOST_AT_ONCE = 500
NO_NOTE = Note()
TERMS = ("payout", "tracking_url", "cap")


def assign(session: Session, user: User, offer: Offer, number: str) -> Assignment:
    """Put an affiliate, named by affiliate ID, on an offer; one who waits or was denied is approved."""
    number = number.strip()
    query = select(Affiliate).where(Affiliate.affiliate_id == number, affiliates.visible(user))
    affiliate = session.scalar(query) if number else None
    if affiliate is None:
        words = f"No affiliate has the ID “{number[:60]}”. Look it up under Affiliates."
        raise Invalid({"affiliate_id": words if number else "Type the affiliate ID."})
    found = session.get(Assignment, (offer.id, affiliate.id))
    if found is None:
        found = Assignment(offer_id=offer.id, affiliate_id=affiliate.id, tracking_url="", state="approved")
        session.add(found)
    elif found.state == "approved":
        raise Invalid({"affiliate_id": f"Affiliate {number} already runs this offer."})
    was = (found.state, found.changed_at)
    found.state = "approved"
    session.flush()
    audit.record(session, user, "assignment.approved", offer.name, affiliate=number)
    decided(session, [(found, *was)], Note())
    return found


def request(session: Session, affiliate: Affiliate, offer: Offer) -> Assignment:
    """An affiliate asks for an offer himself: the team hears of it, or he is approved at once. A second press changes nothing.

    `Conflict` when he was denied or blocked before: then a person decides, not a button.
    """
    if offer.status != "active":
        raise NotFound(access.GONE)
    asking = {"offer_id": offer.id, "affiliate_id": affiliate.id, "state": "requested", "tracking_url": ""}
    now = utcnow()
    row = inserting(session, Assignment).values(**asking, created_at=now, changed_at=now)
    new = session.scalars(row.on_conflict_do_nothing().returning(Assignment.offer_id)).all()
    found = session.get_one(Assignment, (offer.id, affiliate.id))
    if found.state in ("denied", "blocked"):
        raise Conflict("This was decided before. Write to your manager if something has changed.")
    if new:
        audit.record(
            session, _name_of(affiliate), "assignment.requested", offer.name, affiliate=affiliate.affiliate_id
        )
        requested(session, found)
    return found


def _name_of(affiliate: Affiliate) -> str:
    return f"affiliate {affiliate.affiliate_id or f'#{affiliate.id}'}"


def decide(
    session: Session, user: User, keys: Iterable[tuple[int, int]], state: str, note: Note = NO_NOTE
) -> int:
    """Give assignments (offer id, affiliate id) a state; how many were changed. One that the user may not decide stops all.

    Who had asked hears that he was approved or denied, with the reason of the note.
    """
    state = clean({"state": state}, ASSIGNMENT)["state"]
    wanted = list(dict.fromkeys(keys))[:MOST_AT_ONCE]
    if not wanted:
        raise Invalid({"pick": "Tick at least one row first."})
    key = tuple_(Assignment.offer_id, Assignment.affiliate_id)
    query = select(Assignment).where(key.in_(wanted))
    query = query.options(joinedload(Assignment.offer), joinedload(Assignment.affiliate))
    found = session.scalars(query).all()
    for each in found:
        if not (access.sees(user, each.offer) and affiliates.sees(user, each.affiliate)):
            raise NotFound(access.GONE)
        if not access.may_decide(user, each.offer, each.affiliate):
            raise Invalid({"pick": f"You may not decide about {each.offer.name}. Untick it."})
    changed = [each for each in found if each.state != state]
    before = [(each, each.state, each.changed_at) for each in changed]
    for each in changed:
        each.state = state
    session.flush()
    for name, count in _by_offer(changed).items():
        audit.record(session, user, f"assignment.{state}", name, affiliates=count)
    decided(session, before, note)
    return len(changed)


def set_terms(
    session: Session, user: User, assignment: Assignment, values: Mapping[str, str], note: Note = NO_NOTE
) -> None:
    """Change state, own payout, own link and cap of one assignment. The affiliate hears of a decision and of his payout."""
    state, payout, since = assignment.state, assignment.payout, assignment.changed_at
    for name, value in typed(clean(values, ASSIGNMENT)).items():
        if name in ("state", *TERMS):
            setattr(assignment, name, value)
    session.flush()
    details: dict[str, Any] = {"affiliate": assignment.affiliate.affiliate_id or assignment.affiliate_id}
    audit.record(session, user, "assignment.changed", assignment.offer.name, **details)
    decided(session, [(assignment, state, since)], note)
    if state == assignment.state:
        before = {assignment.affiliate_id: (payout, since)}
        own_payouts_changed(session, assignment.offer, before, note)


def set_payouts(
    session: Session, user: User, offer: Offer, payouts: Mapping[str, str], note: Note = NO_NOTE
) -> int:
    """Give affiliates on an offer, by affiliate ID, own payouts ("" takes one back to the offer's); how many changed.

    `Invalid` for `payouts` names the first that can't be taken, and then none is.
    """
    query = select(Assignment).join(Affiliate, Affiliate.id == Assignment.affiliate_id)
    query = query.where(Assignment.offer_id == offer.id, among(Affiliate.affiliate_id, list(payouts)))
    query = query.options(joinedload(Assignment.affiliate)).where(affiliates.visible(user))
    found = {str(each.affiliate.affiliate_id): each for each in session.scalars(query)}
    before = {}
    for number, typed_payout in payouts.items():
        if number not in found:
            raise Invalid({"payouts": f"No affiliate with the ID “{number[:60]}” is on this offer."})
        try:
            value = typed(clean({"payout": typed_payout}, ASSIGNMENT))["payout"]
        except Invalid as error:
            raise Invalid({"payouts": f"Affiliate {number}: {error.problems['payout']}"}) from error
        each = found[number]
        if each.payout != value:
            before[each.affiliate_id] = (each.payout, each.changed_at)
            each.payout = value
    session.flush()
    audit.record(session, user, "assignment.payouts", offer.name, affiliates=len(before))
    own_payouts_changed(session, offer, before, note)
    return len(before)


def _by_offer(found: Iterable[Assignment]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for each in found:
        counts[each.offer.name] = counts.get(each.offer.name, 0) + 1
    return counts
