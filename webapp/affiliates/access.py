"""Which affiliates a user sees and may change. Everything that finds an affiliate for a person goes through here."""

from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.affiliates.models import Affiliate
from webapp.errors import NotAllowed, NotFound


def sees_all(user: User) -> bool:
    return user.may("view_all_affiliates") or user.may("edit_all")


def visible(user: User) -> ColumnElement[bool]:
    """The condition for a query: all affiliates, or those that the user manages."""
    return true() if sees_all(user) else Affiliate.manager_id == user.id


def own_only(user: User) -> int | None:
    """The same as an argument: the user's id if only his own affiliates count, else None."""
    return None if sees_all(user) else user.id


def sees_details(user: User) -> bool:
    """Whether e-mail address and additional data are shown."""
    return user.may("view_affiliate_details")


def may_edit(user: User, affiliate: Affiliate) -> bool:
    own = affiliate.manager_id == user.id
    return sees_details(user) and (user.may("edit_all") or (own and user.may("edit_assigned")))


def sees(user: User, affiliate: Affiliate) -> bool:
    return sees_all(user) or affiliate.manager_id == user.id


def get(session: Session, user: User, key: int) -> Affiliate:
    """An affiliate that the user may see; one of somebody else is as good as not there."""
    affiliate = session.get(Affiliate, key)
    if affiliate is None or not sees(user, affiliate):
        raise NotFound("There is no such affiliate, or it isn’t one of yours.")
    return affiliate


def get_to_edit(session: Session, user: User, key: int) -> Affiliate:
    affiliate = get(session, user, key)
    if not may_edit(user, affiliate):
        own = affiliate.manager_id == user.id
        raise NotAllowed(
            "view_affiliate_details" if not sees_details(user) else "edit_assigned" if own else "edit_all"
        )
    return affiliate


def shown_name(affiliate: Affiliate, user: User) -> str:
    """The affiliate's name; who may not see the address doesn't see it as a name either."""
    if sees_details(user) or affiliate.name != affiliate.email:
        return affiliate.name
    return f"Affiliate {affiliate.affiliate_id or affiliate.id}"


def named(affiliate: Affiliate, user: User) -> str:
    """How a sentence names an affiliate that somebody ran into: of one that isn't his he learns no name."""
    return shown_name(affiliate, user) if sees(user, affiliate) else "Another affiliate"
