"""What became of each mail of a message: rows for the table, the latest results, the pace, the export."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from webapp.affiliates.cells import guarded
from webapp.affiliates.models import Affiliate
from webapp.db import utcnow
from webapp.errors import NotFound
from webapp.mail.models import Attempt, Mailing, OutboxMail
from webapp.mail.outbox import outcomes
from webapp.mail.states import State

COLUMNS = ("affiliate_id", "email", "state", "attempts", "code", "detail", "message_id", "at")
LATEST = 5
MINUTES = 8
STATES = frozenset(state.value for state in State)
WINDOW = 20_000  # attempts that the pace is read from: a bound on what a refresh costs
SORTS = {"name": OutboxMail.id, "tries": OutboxMail.attempts, "last": OutboxMail.changed_at}


@dataclass(frozen=True)
class Minute:
    """What was heard in one minute."""

    at: datetime
    accepted: int
    other: int


def table(
    mailing_id: int, *, state: str = "", search: str = "", sort: str = "name"
) -> Select[OutboxMail, Affiliate]:
    """(mail, affiliate or None); `search` looks into name, address and the server's words."""
    query = (
        select(OutboxMail, Affiliate)
        .outerjoin(Affiliate, Affiliate.id == OutboxMail.recipient_id)
        .where(OutboxMail.mailing_id == mailing_id)
    )
    if state in STATES:
        query = query.where(OutboxMail.state == state)
    if search:
        query = query.where(_found(search))
    column = SORTS.get(sort.removeprefix("-"), OutboxMail.id)
    order = column.desc() if sort.startswith("-") else column.asc()
    return query.order_by(order, OutboxMail.id)


def find(session: Session, mailing_id: int, mail_id: int) -> tuple[OutboxMail, Affiliate | None]:
    """One row of this mailing, whatever its state."""
    row = session.execute(table(mailing_id).where(OutboxMail.id == mail_id)).one_or_none()
    if row is None:
        raise NotFound("This mail does not belong to this message.")
    return row[0], row[1]


def latest(session: Session, mailing_id: int) -> list[tuple[OutboxMail, Affiliate | None]]:
    """The newest results. Each state's last rows come from the index, so that a large mailing costs no more."""
    found: list[tuple[OutboxMail, Affiliate | None]] = []
    for state in (State.SENT, State.FAILED, State.DEFERRED, State.UNKNOWN):
        newest = table(mailing_id, state=state).order_by(None).order_by(OutboxMail.id.desc()).limit(LATEST)
        found += [(row[0], row[1]) for row in session.execute(newest)]
    return sorted(found, key=lambda pair: pair[0].changed_at, reverse=True)[:LATEST]


def pace(session: Session, mailing_id: int, now: datetime | None = None) -> list[Minute]:
    """What was heard in each of the last minutes."""
    end = (now or utcnow()).replace(second=0, microsecond=0) + timedelta(minutes=1)
    starts = [end - timedelta(minutes=back) for back in range(MINUTES, 0, -1)]
    newest = session.scalar(select(func.max(Attempt.id))) or 0
    sums: list[ColumnElement[Any]] = []
    for start in starts:
        inside = and_(Attempt.at >= start, Attempt.at < start + timedelta(minutes=1))
        accepted = Attempt.status == "accepted"
        sums += [
            func.sum(case((and_(inside, accepted), 1), else_=0)),
            func.sum(case((and_(inside, ~accepted), 1), else_=0)),
        ]
    query = (
        select(*sums)
        .join(OutboxMail, OutboxMail.id == Attempt.mail_id)
        .where(OutboxMail.mailing_id == mailing_id, Attempt.id > newest - WINDOW, Attempt.at >= starts[0])
    )
    row = [int(value or 0) for value in session.execute(query).one()]
    return [Minute(start, row[2 * n], row[2 * n + 1]) for n, start in enumerate(starts)]


def export(session: Session, mailing: Mailing) -> Iterator[str]:
    """The outcome of every recipient as CSV, line by line, safe to open in a spreadsheet."""
    yield _line(COLUMNS)
    for chunk in _chunks(outcomes.export(session, mailing.id)):
        ids = [one.recipient_id for one in chunk if one.recipient_id is not None]
        rows = session.execute(select(Affiliate.id, Affiliate.affiliate_id).where(Affiliate.id.in_(ids)))
        own = {row[0]: row[1] or "" for row in rows}
        for one in chunk:
            number = own.get(one.recipient_id or 0, "")
            at = one.at.isoformat(timespec="seconds")
            yield _line(
                (number, one.address, one.state, one.attempts, one.code, one.detail, one.message_id, at)
            )


def _chunks(rows: Iterator[outcomes.Outcome], size: int = 500) -> Iterator[list[outcomes.Outcome]]:
    chunk: list[outcomes.Outcome] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _line(values: tuple[object, ...]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow([guarded(str(value)) for value in values])
    return buffer.getvalue()


def _found(search: str) -> ColumnElement[bool]:
    fields = (
        Affiliate.company,
        Affiliate.first_name,
        Affiliate.last_name,
        Affiliate.affiliate_id,
        OutboxMail.address,
        OutboxMail.detail,
    )
    return or_(*(field.icontains(search, autoescape=True) for field in fields))
