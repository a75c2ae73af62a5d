"""Whom a segment names now, and who of them an announcement would leave out, with the reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, not_, select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.affiliates import access as affiliates
from webapp.affiliates import finding
from webapp.affiliates.audience import MAILABLE
from webapp.affiliates.models import Affiliate
from webapp.among import among
from webapp.mail import suppressions
from webapp.mail.states import Kind
from webapp.segments.access import visible
from webapp.segments.models import Segment

Condition = ColumnElement[bool]
GETS, LEFT_OUT = "gets", "left_out"
NOT_ACTIVE, SECOND = "not_active", "duplicate_address"
SORTS: Mapping[str, tuple[Any, ...]] = {
    "name": (func.lower(Segment.name), Segment.id),
    "changed": (Segment.changed_at, Segment.id),
}


@dataclass(frozen=True)
class Size:
    """`named` affiliates that the reader sees; `gets` of them an announcement would go to, addresses that come twice
    not counted out."""

    named: int
    gets: int

    @property
    def left_out(self) -> int:
        return self.named - self.gets


def segments(user: User, *, search: str = "", sort: str = "name") -> Select[Any]:
    """The segments that the user may use, narrowed and sorted."""
    query = select(Segment).where(visible(user))
    if search:
        query = query.where(Segment.name.icontains(search, autoescape=True))
    columns = SORTS.get(sort.removeprefix("-"), SORTS["name"])
    return query.order_by(*(one.desc() if sort.startswith("-") else one for one in columns))


def size(session: Session, user: User, condition: Condition) -> Size:
    """How many, in one look."""
    gets = func.sum(case((_mailable(session), 1), else_=0))
    row = session.execute(select(func.count(), gets).where(affiliates.visible(user), condition)).one()
    return Size(row[0], int(row[1] or 0))


def people(
    session: Session, user: User, condition: Condition, *, search: str = "", show: str = ""
) -> Select[int]:
    """The ids of those whom the user sees, by name; `show` is gets, left_out or "" for all."""
    query = select(Affiliate.id).where(affiliates.visible(user), condition)
    if show in (GETS, LEFT_OUT):
        mailable = _mailable(session)
        query = query.where(mailable if show == GETS else not_(mailable))
    for word in finding.words(search):
        query = query.where(finding.contains(word, addresses=affiliates.sees_details(user)))
    return query.order_by(Affiliate.name_lower, Affiliate.id)


def reasons(session: Session, condition: Condition, found: Sequence[Affiliate]) -> dict[int, str]:
    """Why an announcement would leave out some of these, by id."""
    barred = suppressions.reasons_of(session, [one.address for one in found], Kind.ANNOUNCEMENT)
    why = {one.id: barred[one.address] for one in found if one.address in barred}
    why |= {one.id: NOT_ACTIVE for one in found if one.status != MAILABLE}
    firsts = _firsts(session, condition, {one.address for one in found})
    return {
        **{one.id: SECOND for one in found if one.address in firsts and firsts[one.address] != one.id},
        **why,
    }


def _firsts(session: Session, condition: Condition, addresses: set[str]) -> dict[str, int]:
    """Of those who share an address the one who gets the mail: the first of the active ones."""
    query = select(Affiliate.address, func.min(Affiliate.id)).where(
        among(Affiliate.address, addresses), Affiliate.status == MAILABLE, condition
    )
    return dict(session.execute(query.group_by(Affiliate.address)).all()) if addresses else {}


def _mailable(session: Session) -> Condition:
    scopes = suppressions.scopes_of(Kind.ANNOUNCEMENT)
    barred = suppressions.barring(session, Affiliate.address, scopes)
    return and_(Affiliate.status == MAILABLE, not_(barred))
