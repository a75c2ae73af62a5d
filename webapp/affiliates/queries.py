"""What the pages of affiliates show. Each list costs a fixed number of queries, whatever the number of affiliates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.sql.elements import SQLCoreOperations

from webapp.accounts.models import User
from webapp.affiliates.access import sees_details, visible
from webapp.affiliates.models import Affiliate
from webapp.mail.models import MailContent, OutboxMail

SEARCHED = (Affiliate.affiliate_id, Affiliate.first_name, Affiliate.last_name, Affiliate.company)
SORTS: dict[str, SQLCoreOperations[Any]] = {
    "name": func.lower(
        case(
            (Affiliate.company != "", Affiliate.company),
            (
                Affiliate.first_name + Affiliate.last_name != "",
                Affiliate.first_name + " " + Affiliate.last_name,
            ),
            else_=Affiliate.address,
        )
    ),
    "number": func.length(Affiliate.affiliate_id),
    "added": Affiliate.id,
}


@dataclass(frozen=True)
class Wanted:
    """What a list was asked for, as it stands in its address."""

    search: str = ""
    status: str = ""
    group: int | None = None
    manager: int | None = None  # 0: nobody
    sort: str = "name"

    @property
    def narrowed(self) -> bool:
        return bool(self.search or self.group is not None or self.manager is not None)


def matching(session: Session, user: User, wanted: Wanted) -> Select[int]:
    """The ids of a list, in its order. Sorting ids alone is three times as fast as sorting whole rows."""
    query = select(Affiliate.id).where(visible(user), *_conditions(session, user, wanted))
    name = wanted.sort.removeprefix("-")
    order = [
        SORTS.get(name, SORTS["name"]),
        *([Affiliate.affiliate_id] if name == "number" else []),
        Affiliate.id,
    ]
    down = wanted.sort.startswith("-")
    return query.order_by(*(column.desc() if down else column for column in order))


def in_order(session: Session, ids: Sequence[int]) -> list[Affiliate]:
    """The affiliates with these ids, each with group and manager."""
    query = select(Affiliate).where(Affiliate.id.in_(ids))
    query = query.options(joinedload(Affiliate.group), joinedload(Affiliate.manager))
    found = {affiliate.id: affiliate for affiliate in session.scalars(query)}
    return [found[key] for key in ids if key in found]


def by_status(session: Session, user: User) -> dict[str, int]:
    """How many affiliates of each status the user sees."""
    query = select(Affiliate.status, func.count()).where(visible(user)).group_by(Affiliate.status)
    return dict(session.execute(query).all())


def last_mails(session: Session, affiliates: Iterable[Affiliate]) -> dict[int, OutboxMail]:
    """The latest mail of each affiliate of a page, however it stands."""
    ids = [affiliate.id for affiliate in affiliates]
    latest = (
        select(func.max(OutboxMail.id))
        .where(OutboxMail.recipient_id.in_(ids))
        .group_by(OutboxMail.recipient_id)
    )
    mails = session.scalars(select(OutboxMail).where(OutboxMail.id.in_(latest)))
    return {mail.recipient_id: mail for mail in mails if mail.recipient_id is not None}


def mails_of(affiliate: Affiliate) -> Select[Any]:
    """The mails of an affiliate with their subjects, newest first."""
    return (
        select(OutboxMail, MailContent.draft["subject"].as_string())
        .join(MailContent, MailContent.id == OutboxMail.content_id)
        .where(OutboxMail.recipient_id == affiliate.id)
        .order_by(OutboxMail.id.desc())
    )


def managers(session: Session) -> Sequence[User]:
    """Who can be somebody's manager, by name."""
    users = session.scalars(select(User).where(User.disabled_at.is_(None)))
    return sorted(users, key=lambda user: user.name.casefold())


def _conditions(session: Session, user: User, wanted: Wanted) -> Iterable[ColumnElement[bool]]:
    if wanted.status:
        yield Affiliate.status == wanted.status
    if wanted.group is not None:
        yield Affiliate.group_id == wanted.group if wanted.group else Affiliate.group_id.is_(None)
    if wanted.manager is not None:
        yield Affiliate.manager_id == wanted.manager if wanted.manager else Affiliate.manager_id.is_(None)
    for word in wanted.search.split()[:5]:
        yield _contains(session, word[:100], sees_details(user))


def _contains(session: Session, word: str, with_address: bool) -> ColumnElement[bool]:
    pattern = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    columns = [*SEARCHED, *([Affiliate.address] if with_address else [])]
    # SQLite's LIKE takes small and capital letters for the same, and is four times as fast as comparing lower().
    if session.get_bind().dialect.name == "sqlite":
        return or_(*(column.like(pattern, escape="\\") for column in columns))
    return or_(*(column.ilike(pattern, escape="\\") for column in columns))
