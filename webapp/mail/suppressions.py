"""Addresses that are not to be mailed, and whole domains (“@example.com”).

Scope `all` bars every mail: bounced, complained, blocked. `announcement` bars all news, a topic only the news of that topic.
They beat whatever else is known of an address, also what is imported later.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Delete, Select, and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from webapp.among import among
from webapp.db import begins_with, domain_of, inserting, utcnow
from webapp.errors import Invalid, NotFound
from webapp.mail import poke
from webapp.mail.models import MailContent, OutboxMail, Suppression
from webapp.mail.states import Kind
from webapp.mail.topics import TOPICS, topic_in_database

ALL, ANNOUNCEMENT = "all", "announcement"
SCOPES = (ALL, ANNOUNCEMENT, *TOPICS)
REASONS = ("unsubscribed", "bounced", "complained", "blocked")


def normal(address: str) -> str:
    """An address as suppressions keep and compare it."""
    return address.strip().lower()


def add(
    session: Session,
    address: str,
    *,
    scope: str = ALL,
    reason: str = "blocked",
    note: str = "",
    mail_id: int | None = None,
    created_by: int | None = None,
) -> bool:
    """Bar an address or a domain; False if it was barred for that scope already, which keeps the first reason."""
    row = checked({"address": address, "scope": scope, "reason": reason, "note": note})
    return add_rows(session, [row | {"mail_id": mail_id, "created_by": created_by}]) > 0


def checked(row: Mapping[str, str]) -> dict[str, Any]:
    """A row for `add_rows` from what a person or a file says; `Invalid` if it cannot be used."""
    address, scope = row.get("address", ""), row.get("scope") or ALL
    reason = row.get("reason") or "blocked"
    _check(address, scope, reason)
    note = row.get("note", "")
    return {
        "address": normal(address),
        "scope": scope,
        "reason": reason,
        "note": note,
        "created_at": utcnow(),
    }


def add_rows(session: Session, rows: Sequence[dict[str, Any]]) -> int:
    """Insert those that are new and count them."""
    added = 0
    for row in rows:
        statement = (
            inserting(session, Suppression)
            .values(**row)
            .on_conflict_do_nothing(index_elements=["address", "scope"])
        )
        added += len(session.scalars(statement.returning(Suppression.id)).all())
    poke.soon(session)
    return added


def remove(session: Session, address: str, *, scope: str | None = None) -> None:
    """Allow an address again, in one scope or in all; `NotFound` if it was not barred."""
    removing: Delete = delete(Suppression).where(Suppression.address == normal(address))
    if scope is not None:
        removing = removing.where(Suppression.scope == scope)
    gone = session.scalars(removing.returning(Suppression.id)).all()
    if not gone:
        raise NotFound(f"{normal(address)} is not suppressed. Check how it is written.")


def find(session: Session, *, search: str = "", limit: int = 50, offset: int = 0) -> list[Suppression]:
    """The newest first; `search` is the beginning of an address."""
    rows = _matching(select(Suppression), search).order_by(Suppression.id.desc())
    return list(session.scalars(rows.limit(limit).offset(offset)))


def count(session: Session, *, search: str = "") -> int:
    return session.scalar(_matching(select(func.count()).select_from(Suppression), search)) or 0


def of_address(session: Session, address: str) -> list[Suppression]:
    """What bars this address, for the page of the person."""
    return list(
        session.scalars(
            select(Suppression).where(Suppression.address.in_((normal(address), domain(address))))
        )
    )


def scopes_of(kind: str, topic: str = "") -> tuple[str, ...]:
    """The scopes that bar mail of this class and topic."""
    return (ALL, ANNOUNCEMENT, *([topic] if topic else [])) if kind == Kind.ANNOUNCEMENT else (ALL,)


def domain(address: str) -> str:
    """How the domain of an address is written where it is barred as a whole: “@example.com”."""
    return f"@{normal(address).rpartition('@')[2]}"


def any_domain(session: Session) -> bool:
    """Whether there is a domain among them: most networks bar none, and then nobody need look for one."""
    barred = select(Suppression.id).where(begins_with(Suppression.address, "@")).limit(1)
    return session.scalar(barred) is not None


def is_suppressed(session: Session, address: str, kind: str, topic: str = "") -> bool:
    return reason_of(session, address, kind, topic) is not None


def reason_of(session: Session, address: str, kind: str, topic: str = "") -> str | None:
    """Why mail of this class and topic must not go to this address, or None if it may."""
    return reasons_of(session, [address], kind, topic).get(normal(address))


def reasons_of(session: Session, addresses: Iterable[str], kind: str, topic: str = "") -> dict[str, str]:
    """Lower-case address → reason, for those that must not get such mail."""
    wanted = {normal(address): domain(address) for address in addresses}
    rows = select(Suppression.address, Suppression.reason).where(
        among(Suppression.address, {*wanted, *wanted.values()}),
        Suppression.scope.in_(scopes_of(kind, topic)),
    )
    found: dict[str, str] = dict(session.execute(rows.order_by(Suppression.scope.desc())).all())
    both = ((address, found.get(address) or found.get(whole)) for address, whole in wanted.items())
    return {address: reason for address, reason in both if reason}


def barring(session: Session, address: Any, scopes: Sequence[str]) -> ColumnElement[bool]:
    """The condition that a lower-case address, or its domain, is barred in one of these scopes."""
    whose = [address, *([domain_of(address)] if any_domain(session) else [])]
    return or_(*(exists().where(Suppression.address == one, Suppression.scope.in_(scopes)) for one in whose))


def reason_for_row(*, domains: bool) -> Any:
    """The same for a row of the outbox, as a column of a query; for addresses of ASCII on every database."""
    low = func.lower(OutboxMail.address)
    # One question for each: together (IN) they cost SQLite four times as much.
    return func.coalesce(_reason(low), _reason(domain_of(low))) if domains else _reason(low)


def _reason(address: ColumnElement[str]) -> Any:
    """What the mail is about is only looked up when there is a row for its address that may be about it."""
    topic = select(topic_in_database()).where(MailContent.id == OutboxMail.content_id)
    its_own = Suppression.scope == topic.correlate(OutboxMail).scalar_subquery()
    news = OutboxMail.kind == Kind.ANNOUNCEMENT.value
    reason = select(Suppression.reason).where(
        Suppression.address == address,
        or_(Suppression.scope == ALL, and_(news, or_(Suppression.scope == ANNOUNCEMENT, its_own))),
    )
    return reason.order_by(Suppression.scope).limit(1).correlate(OutboxMail).scalar_subquery()


def _matching(rows: Select[Any], search: str) -> Select[Any]:
    return (
        rows.where(Suppression.address.startswith(normal(search), autoescape=True))
        if search.strip()
        else rows
    )


def _check(address: str, scope: str, reason: str) -> None:
    problems = {}
    local, at, domain = normal(address).rpartition("@")
    whole = not local and at and "." in domain  # “@example.com” is everybody there
    if (
        not ((local or whole) and at and domain)
        or len(address) > 254
        or any(char.isspace() for char in normal(address))
    ):
        problems["address"] = (
            f"“{address}” is no mail address. Write it like name@example.com, or @example.com for everybody there."
        )
    if scope not in SCOPES:
        problems["scope"] = f"“{scope}” is no scope. Use one of: {', '.join(SCOPES)}."
    if reason not in REASONS:
        problems["reason"] = f"“{reason}” is no reason. Use one of: {', '.join(REASONS)}."
    if problems:
        raise Invalid(problems)
