"""Changes one thing as its form does: the same rights, checks and entries of the audit trail."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.affiliates import access as affiliates_access
from webapp.affiliates import service as affiliates_service
from webapp.affiliates.models import Affiliate
from webapp.errors import Invalid, NotAllowed, NotFound
from webapp.offers import access, assigning, service

Texts = Mapping[str, str]


def affiliate(session: Session, user: User, keys: Texts, values: Texts) -> None:
    found = _affiliate(session, user, keys["affiliate_id"])
    affiliates_access.get_to_edit(session, user, found.id)
    affiliates_service.edit(session, user, found, _some(values))


def offer(session: Session, user: User, keys: Texts, values: Texts) -> None:
    found = access.by_cid(session, user, keys["cid"])
    service.edit(session, user, access.get_to_edit(session, user, found.id), _some(values))


def assignment(session: Session, user: User, keys: Texts, values: Texts) -> None:
    """The state may be decided from both sides; the terms belong to the offer."""
    offer = access.by_cid(session, user, keys["cid"])
    affiliate = _affiliate(session, user, keys["affiliate_id"])
    found = access.assignment(session, user, offer.id, affiliate.id)
    if _some(values).keys() == {"state"}:
        if not access.may_decide(user, offer, affiliate):
            raise NotAllowed(access.OWN)
        assigning.decide(session, user, [(offer.id, affiliate.id)], values["state"])
    else:
        access.get_to_edit(session, user, offer.id)
        assigning.set_terms(session, user, found, values)


def _affiliate(session: Session, user: User, number: str) -> Affiliate:
    query = select(Affiliate).where(Affiliate.affiliate_id == number, affiliates_access.visible(user))
    found = session.scalar(query)
    if found is None:
        raise NotFound("There is no such affiliate, or it isn’t one of the owner’s.")
    return found


def _some(values: Texts) -> Texts:
    if not values:
        raise Invalid({"": "Nothing is to change. Send at least one field."})
    return values
