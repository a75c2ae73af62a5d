"""Addresses that are not to be mailed, as their page lists and changes them."""

import csv
import io
from collections.abc import Iterator

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.db import begins_with
from webapp.errors import Invalid, NotFound
from webapp.feedback.lists import PAGE, harmless
from webapp.mail import suppressions
from webapp.mail.models import Suppression

COLUMNS = ("address", "scope", "reason", "note", "created_at")
FEW = 5_000


def few(session: Session) -> bool:
    """Whether there are few enough addresses to look into each of them."""
    some = select(Suppression.id).limit(FEW + 1).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) <= FEW


def listed(search: str = "", reason: str = "", *, few: bool = True) -> Select[Suppression]:
    """The newest first; `search` looks into address and note, in a long list for how the address begins."""
    query = select(Suppression).order_by(Suppression.id.desc())
    if search and few:
        found = [
            field.icontains(search, autoescape=True) for field in (Suppression.address, Suppression.note)
        ]
        query = query.where(found[0] | found[1])
    elif search:
        first = select(Suppression.id).where(begins_with(Suppression.address, search)).limit(FEW)
        query = query.where(Suppression.id.in_(select(first.subquery().c.id)))
    return query.where(Suppression.reason == reason) if reason else query


def bar(session: Session, user: User, address: str, scope: str, note: str) -> bool:
    """Bar an address by hand; False if it was barred already."""
    if not address:
        raise Invalid({"address": "Type the address that is not to be mailed, like name@example.com."})
    added = suppressions.add(session, address, scope=scope, reason="blocked", note=note, created_by=user.id)
    if added:
        audit.record(session, user, "suppression.added", suppressions.normal(address), scope=scope)
    return added


def find(session: Session, number: int) -> Suppression:
    entry = session.get(Suppression, number)
    if entry is None:
        raise NotFound("This address is not on the list any more.")
    return entry


def lift(session: Session, user: User, entry: Suppression, why: str) -> None:
    """Allow the address again. The reason is asked for because the person may have said no."""
    if not why:
        raise Invalid(
            {"why": "Say why, for example “asked by phone on 3 May”. It is kept in the audit trail."}
        )
    audit.record(
        session, user, "suppression.lifted", entry.address, scope=entry.scope, was=entry.reason, why=why
    )
    suppressions.remove(session, entry.address, scope=entry.scope)


def export(session: Session) -> Iterator[str]:
    """The whole list as CSV, in constant memory and safe to open in a spreadsheet."""
    yield _line(COLUMNS)
    last: int | None = None
    while True:
        query = listed().limit(PAGE)
        page = session.scalars(query.where(Suppression.id < last) if last else query).all()
        for one in page:
            yield _line(
                (one.address, one.scope, one.reason, one.note, one.created_at.isoformat(timespec="seconds"))
            )
        if len(page) < PAGE:
            return
        last = page[-1].id
        session.expunge_all()


def _line(values: tuple[str, ...]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow([harmless(value) for value in values])
    return buffer.getvalue()
