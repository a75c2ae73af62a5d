"""Addresses that are not to be mailed. Scope `announcement`: left the news. Scope `all`: bounced, complained, blocked."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Delete, Select, delete, func, or_, select
from sqlalchemy.orm import Session

from webapp.among import among
from webapp.db import inserting, utcnow
from webapp.errors import Invalid, NotFound
from webapp.mail import poke
from webapp.mail.models import OutboxMail, Suppression
from webapp.mail.states import Kind

ALL, ANNOUNCEMENT = "all", "announcement"
SCOPES = (ALL, ANNOUNCEMENT)
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
    """Bar an address; False if it was barred for that scope already, which keeps the first reason."""
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
    return list(session.scalars(select(Suppression).where(Suppression.address == normal(address))))


def is_suppressed(session: Session, address: str, kind: str) -> bool:
    return reason_of(session, address, kind) is not None


def reason_of(session: Session, address: str, kind: str) -> str | None:
    """Why mail of this kind must not go to this address, or None if it may."""
    return reasons_of(session, [address], kind).get(normal(address))


def reasons_of(session: Session, addresses: Iterable[str], kind: str) -> dict[str, str]:
    """Lower-case address → reason, for those that must not get mail of this kind."""
    wanted = {normal(address) for address in addresses}
    scopes = SCOPES if kind == Kind.ANNOUNCEMENT else (ALL,)
    rows = select(Suppression.address, Suppression.reason).where(
        among(Suppression.address, wanted), Suppression.scope.in_(scopes)
    )
    return dict(session.execute(rows.order_by(Suppression.scope.desc())).all())


def reason_for_row() -> Any:
    """The same for a row of the outbox, as a column of a query; for addresses of ASCII on every database."""
    applies = or_(Suppression.scope == ALL, OutboxMail.kind == Kind.ANNOUNCEMENT.value)
    reason = select(Suppression.reason).where(Suppression.address == func.lower(OutboxMail.address), applies)
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
    if not (local and at and domain) or len(address) > 254 or any(char.isspace() for char in normal(address)):
        problems["address"] = f"“{address}” is no mail address. Write it like name@example.com."
    if scope not in SCOPES:
        problems["scope"] = f"“{scope}” is no scope. Use {' or '.join(SCOPES)}."
    if reason not in REASONS:
        problems["reason"] = f"“{reason}” is no reason. Use one of: {', '.join(REASONS)}."
    if problems:
        raise Invalid(problems)
