"""What the pages of offers show. Each list costs a fixed number of queries, whatever the number of offers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.sql.elements import SQLCoreOperations

from webapp.accounts.models import User
from webapp.affiliates import access as affiliates
from webapp.affiliates import finding
from webapp.affiliates.models import Affiliate
from webapp.offers.access import sees_all, visible
from webapp.offers.models import Assignment, Creative, Offer
from webapp.offers.terms import shown_payout

SORTS: dict[str, tuple[SQLCoreOperations[Any], ...]] = {
    "name": (func.lower(Offer.name),),
    "cid": (func.length(Offer.cid), Offer.cid),
    "payout": (func.coalesce(Offer.payout, 0),),
    "ends": (Offer.end_date.is_(None), Offer.end_date),
    "added": (),
}
STATE_SORTS: dict[str, tuple[SQLCoreOperations[Any], ...]] = {
    "affiliate": (func.lower(Affiliate.company), func.lower(Affiliate.last_name)),
    "offer": (func.lower(Offer.name),),
    "changed": (Assignment.changed_at,),
}


@dataclass(frozen=True)
class Wanted:
    """What the list of offers was asked for, as it stands in its address."""

    search: str = ""
    status: str = ""
    type: str = ""
    category: str = ""
    sort: str = "name"

    @property
    def narrowed(self) -> bool:
        return bool(self.search or self.type or self.category)


@dataclass(frozen=True)
class WantedAssignments:
    """The same for assignments; `offer` and `affiliate` narrow to one side.

    Among `few` any part of a word counts, else how a field of the affiliate begins.
    """

    search: str = ""
    state: str = ""
    sort: str = "-changed"
    offer: int | None = None
    affiliate: int | None = None
    few: bool = True


def matching(user: User, wanted: Wanted) -> Select[Any]:
    """The offers of a list, in its order."""
    query = select(Offer).options(joinedload(Offer.manager)).where(visible(user), *_conditions(wanted))
    return _sorted(query, SORTS, wanted.sort, (Offer.id,))


def by_status(session: Session, user: User) -> dict[str, int]:
    """How many offers of each status the user sees."""
    query = select(Offer.status, func.count()).where(visible(user)).group_by(Offer.status)
    return dict(session.execute(query).all())


def categories(session: Session, user: User) -> list[str]:
    """The categories in use among the offers that the user sees."""
    query = select(Offer.category).where(visible(user), Offer.category != "").distinct()
    return sorted(session.scalars(query), key=str.casefold)


def types(session: Session, user: User) -> list[str]:
    """The types in use among the offers that the user sees."""
    return sorted(session.scalars(select(Offer.type).where(visible(user)).distinct()), key=str.casefold)


def running(session: Session, offers: Iterable[Offer]) -> dict[int, dict[str, int]]:
    """For each offer of a page how many assignments are in which state."""
    query = (
        select(Assignment.offer_id, Assignment.state, func.count())
        .where(Assignment.offer_id.in_([offer.id for offer in offers]))
        .group_by(Assignment.offer_id, Assignment.state)
    )
    found: dict[int, dict[str, int]] = {}
    for offer_id, state, count in session.execute(query):
        found.setdefault(offer_id, {})[state] = count
    return found


def assignments(user: User, wanted: WantedAssignments) -> Select[Any]:
    """The assignments of which the user sees both sides, narrowed and in the order of the list."""
    query = (
        select(Assignment)
        .join(Offer, Offer.id == Assignment.offer_id)
        .join(Affiliate, Affiliate.id == Assignment.affiliate_id)
        .options(joinedload(Assignment.offer), joinedload(Assignment.affiliate))
        .where(visible(user), affiliates.visible(user), *_narrowing(wanted, affiliates.sees_details(user)))
    )
    return _sorted(query, STATE_SORTS, wanted.sort, (Assignment.offer_id, Assignment.affiliate_id))


def by_state(session: Session, user: User, wanted: WantedAssignments) -> dict[str, int]:
    """How many assignments of each state there are on that side of the list."""
    query = select(Assignment.state, func.count()).group_by(Assignment.state)
    if wanted.offer is not None:
        query = query.where(Assignment.offer_id == wanted.offer)
    if wanted.affiliate is not None:
        query = query.where(Assignment.affiliate_id == wanted.affiliate)
    if affiliates.own_only(user) is not None:
        query = query.join(Affiliate, Affiliate.id == Assignment.affiliate_id).where(affiliates.visible(user))
    if not sees_all(user):
        query = query.join(Offer, Offer.id == Assignment.offer_id).where(visible(user))
    return dict(session.execute(query).all())


def total(counts: dict[str, int], wanted: WantedAssignments) -> int | None:
    """How long the list is, where `by_state` knows it: counting a million rows again would take the page's time."""
    if wanted.search:
        return None
    return counts.get(wanted.state, 0) if wanted.state else sum(counts.values())


def creatives(session: Session, offer_id: int) -> Sequence[Creative]:
    """The creatives of an offer in the order in which they were added."""
    return session.scalars(select(Creative).where(Creative.offer_id == offer_id).order_by(Creative.id)).all()


def choices(session: Session, user: User) -> list[tuple[str, str]]:
    """CID and name of the offers that somebody may write about, those that run first."""
    query = select(Offer.cid, Offer.name, Offer.status).where(visible(user), Offer.status != "ended")
    found = session.execute(query.order_by(Offer.status != "active", func.lower(Offer.name))).all()
    return [(row.cid, f"{row.name} ({row.cid})") for row in found]


def told(session: Session) -> list[dict[str, Any]]:
    """All offers for the command line."""
    offers = session.scalars(select(Offer).order_by(Offer.id)).all()
    approved = select(Assignment.offer_id, func.count()).where(Assignment.state == "approved")
    counts: dict[int, int] = dict(session.execute(approved.group_by(Assignment.offer_id)).all())
    return [
        {
            "cid": offer.cid,
            "name": offer.name,
            "status": offer.status,
            "type": offer.type,
            "payout": shown_payout(offer, None),
            "affiliates": counts.get(offer.id, 0),
        }
        for offer in offers
    ]


def _sorted(
    query: Select[Any],
    sorts: dict[str, tuple[SQLCoreOperations[Any], ...]],
    sort: str,
    last: tuple[SQLCoreOperations[Any], ...],
) -> Select[Any]:
    columns = (*sorts.get(sort.removeprefix("-"), ()), *last)
    return query.order_by(*(column.desc() if sort.startswith("-") else column for column in columns))


def _conditions(wanted: Wanted) -> Iterable[ColumnElement[bool]]:
    for name in ("status", "type", "category"):
        if value := getattr(wanted, name):
            yield getattr(Offer, name) == value
    for word in finding.words(wanted.search):
        more = (column.icontains(word, autoescape=True) for column in (Offer.title, Offer.category))
        yield or_(_named(word), *more)


def _narrowing(wanted: WantedAssignments, with_address: bool) -> Iterable[ColumnElement[bool]]:
    if wanted.state:
        yield Assignment.state == wanted.state
    if wanted.offer is not None:
        yield Assignment.offer_id == wanted.offer
    if wanted.affiliate is not None:
        yield Assignment.affiliate_id == wanted.affiliate
    for word in finding.words(wanted.search):
        yield _rows_with(word, wanted, with_address)


def _rows_with(word: str, wanted: WantedAssignments, with_address: bool) -> ColumnElement[bool]:
    if wanted.few:
        person = finding.contains(word, addresses=with_address)
        return person if wanted.offer is not None else or_(person, _named(word))
    # By key, not by the joined row: each side is looked through once and not once for every assignment.
    people = Assignment.affiliate_id.in_(finding.candidates(word, addresses=with_address))
    if wanted.offer is not None:
        return people
    return or_(people, Assignment.offer_id.in_(select(Offer.id).where(_named(word))))


def more_match(session: Session, user: User, wanted: WantedAssignments) -> bool:
    """Whether a search was too short to look through everybody whom it fits."""
    return not wanted.few and finding.too_many(
        session, wanted.search, addresses=affiliates.sees_details(user)
    )


def _named(word: str) -> ColumnElement[bool]:
    return or_(*(column.icontains(word, autoescape=True) for column in (Offer.cid, Offer.name)))
