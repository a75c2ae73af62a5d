"""As which affiliates a user may look at a message."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Subquery, select, true
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.affiliates.audience import audience_query
from webapp.affiliates.models import Affiliate
from webapp.broadcasts.access import ALL
from webapp.errors import Invalid, NotFound

CHOICE = 50


def allowed(user: User) -> ColumnElement[bool]:
    """The affiliates as whom this user may look at a mail: those to whom he may write."""
    return true() if user.may(ALL) else Affiliate.manager_id == user.id


def find(session: Session, user: User, affiliate_id: int) -> Affiliate:
    query = select(Affiliate).where(Affiliate.id == affiliate_id, allowed(user))
    affiliate = session.scalars(query).one_or_none()
    if affiliate is None:
        raise NotFound("There is no such affiliate among those to whom you may write.")
    return affiliate


def candidates(
    session: Session, user: User, expression: str, author: User | None, chosen: int | None
) -> Sequence[Affiliate]:
    """The first of the audience, and whoever is being looked at; with an empty audience any whom the user may reach."""
    try:
        inside = audience_query(session, expression, author).order_by(None)
    except Invalid:
        inside = None
    reachable = select(Affiliate).where(allowed(user)).order_by(Affiliate.id)
    found: list[Affiliate] = []
    if inside is not None:
        first = inside.with_only_columns(Affiliate).where(allowed(user))
        found = list(session.scalars(first.order_by(Affiliate.id).limit(CHOICE)))
    found = found or list(session.scalars(reachable.limit(CHOICE)))
    if chosen is not None and chosen not in [one.id for one in found]:
        found = [*session.scalars(reachable.where(Affiliate.id == chosen)), *found]
    return found


def among(session: Session, user: User, people: Subquery) -> Sequence[Affiliate]:
    """The first of these (a subquery with a column `id`) as whom the user may look at a mail."""
    query = select(Affiliate).where(allowed(user), Affiliate.id.in_(select(people.c.id)))
    return session.scalars(query.order_by(Affiliate.id).limit(CHOICE)).all()
