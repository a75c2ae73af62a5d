"""Which offers and assignments a user sees and may change. Everything that finds one for a person goes through here."""

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.affiliates import access as affiliates
from webapp.affiliates.models import Affiliate
from webapp.errors import NotAllowed, NotFound
from webapp.offers.models import Assignment, Offer

VIEW_ALL, OWN, ALL = "view_all_offers", "edit_own_offers", "edit_all_offers"
READS = (VIEW_ALL, OWN, ALL)
EDITS = (OWN, ALL)
DECIDES = (*EDITS, "edit_all", "edit_assigned")
GONE = "There is no such offer, or it isn’t one of yours."


def sees_all(user: User) -> bool:
    return user.may(VIEW_ALL) or user.may(ALL)


def visible(user: User) -> ColumnElement[bool]:
    """The condition for a query: all offers, or those that the user manages."""
    return true() if sees_all(user) else Offer.manager_id == user.id


def own_only(user: User) -> int | None:
    """The same as an argument: the user's id if only his own offers count, else None."""
    return None if sees_all(user) else user.id


def sees(user: User, offer: Offer) -> bool:
    return sees_all(user) or offer.manager_id == user.id


def may_edit(user: User, offer: Offer) -> bool:
    return user.may(ALL) or (user.may(OWN) and offer.manager_id == user.id)


def get(session: Session, user: User, key: int) -> Offer:
    """An offer that the user may see; one of somebody else is as good as not there."""
    return _found(session.scalar(select(Offer).where(Offer.id == key, visible(user))))


def by_cid(session: Session, user: User | None, cid: str) -> Offer:
    """The same by CID; None is the operator, who sees every one."""
    query = select(Offer).where(Offer.cid == cid.strip())
    return _found(session.scalar(query if user is None else query.where(visible(user))))


def get_to_edit(session: Session, user: User, key: int) -> Offer:
    offer = get(session, user, key)
    if not may_edit(user, offer):
        raise NotAllowed(OWN if offer.manager_id == user.id else ALL)
    return offer


def may_decide(user: User, offer: Offer, affiliate: Affiliate) -> bool:
    """Approve, deny and block: whoever may change the offer, or the affiliate."""
    return may_edit(user, offer) or affiliates.may_edit(user, affiliate)


def assignment(session: Session, user: User, offer_id: int, affiliate_id: int) -> Assignment:
    """An assignment of which the user may see both sides."""
    offer, affiliate = get(session, user, offer_id), affiliates.get(session, user, affiliate_id)
    found = session.get(Assignment, (offer.id, affiliate.id))
    if found is None:
        raise NotFound("This affiliate has nothing to do with this offer (any more).")
    return found


def _found(offer: Offer | None) -> Offer:
    if offer is None:
        raise NotFound(GONE)
    return offer
