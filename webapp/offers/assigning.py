"""Who runs which offer, decided by hand: one at a time or many at once. Nothing here mails anybody."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session, joinedload

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.affiliates import access as affiliates
from webapp.affiliates.models import Affiliate
from webapp.errors import Invalid, NotFound
from webapp.imports.cleaning import clean
from webapp.offers import access
from webapp.offers.details import ASSIGNMENT
from webapp.offers.fields import typed
from webapp.offers.models import Assignment, Offer

MOST_AT_ONCE = 500
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
        found = Assignment(offer_id=offer.id, affiliate_id=affiliate.id, tracking_url="")
        session.add(found)
    elif found.state == "approved":
        raise Invalid({"affiliate_id": f"Affiliate {number} already runs this offer."})
    found.state = "approved"
    session.flush()
    audit.record(session, user, "assignment.approved", offer.name, affiliate=number)
    return found


def decide(session: Session, user: User, keys: Iterable[tuple[int, int]], state: str) -> int:
    """Give assignments (offer id, affiliate id) a state; how many were changed. One that the user may not decide stops all."""
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
    for each in changed:
        each.state = state
    session.flush()
    for name, count in _by_offer(changed).items():
        audit.record(session, user, f"assignment.{state}", name, affiliates=count)
    return len(changed)


def set_terms(session: Session, user: User, assignment: Assignment, values: Mapping[str, str]) -> None:
    """Change state, own payout, own link and cap of one assignment."""
    for name, value in typed(clean(values, ASSIGNMENT)).items():
        if name in ("state", *TERMS):
            setattr(assignment, name, value)
    session.flush()
    details: dict[str, Any] = {"affiliate": assignment.affiliate.affiliate_id or assignment.affiliate_id}
    audit.record(session, user, "assignment.changed", assignment.offer.name, **details)


def _by_offer(found: Iterable[Assignment]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for each in found:
        counts[each.offer.name] = counts.get(each.offer.name, 0) + 1
    return counts
