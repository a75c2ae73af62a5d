"""What the pages of affiliates show. Each list costs a fixed number of queries, whatever the number of affiliates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.sql.elements import SQLCoreOperations

from webapp.accounts.models import User
from webapp.affiliates import finding
from webapp.affiliates.access import sees_details, visible
from webapp.affiliates.models import Affiliate
from webapp.mail.models import MailContent, OutboxMail

SORTS: dict[str, SQLCoreOperations[Any]] = {
    "name": Affiliate.name_lower,
    "number": func.length(Affiliate.affiliate_id),
    "added": Affiliate.id,
}


@dataclass(frozen=True)
class Wanted:
    """What a list was asked for, as it stands in its address. `few`: any part of a word is searched for, not its beginning."""

    search: str = ""
    status: str = ""
    group: int | None = None
    manager: int | None = None  # 0: nobody
    segment: str = ""  # its number
    within: ColumnElement[bool] | None = None  # the condition that it stands for
    sort: str = "name"
    few: bool = True

    @property
    def narrowed(self) -> bool:
        return bool(self.search or self.segment or self.group is not None or self.manager is not None)


def matching(user: User, wanted: Wanted) -> Select[int]:
    """The ids of a list, in its order. Sorting ids alone is three times as fast as sorting whole rows."""
    query = select(Affiliate.id).where(visible(user), *_conditions(user, wanted))
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


def _conditions(user: User, wanted: Wanted) -> Iterable[ColumnElement[bool]]:
    if wanted.status:
        yield Affiliate.status == wanted.status
    if wanted.group is not None:
        yield Affiliate.group_id == wanted.group if wanted.group else Affiliate.group_id.is_(None)
    if wanted.manager is not None:
        yield Affiliate.manager_id == wanted.manager if wanted.manager else Affiliate.manager_id.is_(None)
    if wanted.within is not None:
        yield wanted.within
    yield from _found(finding.words(wanted.search), few=wanted.few, addresses=sees_details(user))


def _found(words: Sequence[str], *, few: bool, addresses: bool) -> Iterable[ColumnElement[bool]]:
    if words and not few:
        yield Affiliate.id.in_(finding.candidates(words[0], addresses=addresses))
    for word in words if few else words[1:]:
        yield (finding.contains if few else finding.matches)(word, addresses=addresses)


def more_match(session: Session, user: User, wanted: Wanted) -> bool:
    """Whether a search was too short to look through everybody whom it fits."""
    return not wanted.few and finding.too_many(session, wanted.search, addresses=sees_details(user))
