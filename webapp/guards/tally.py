"""Counts what became of mails, day by day: each attempt, event and opt-out once, in small groups, behind a mark.

The sender knows nothing of it. What is told within the last seconds waits for the next time, since another process may still be
writing a row with a smaller number.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, aliased

from webapp.among import among
from webapp.db import inserting, utcnow
from webapp.desk import Desk
from webapp.feedback.barring import TRUSTED
from webapp.guards.models import ALL, TallyDay, TallyMark
from webapp.mail.events import Happened, MailEvent
from webapp.mail.models import Attempt, MailContent, OutboxMail, Suppression

GROUP = 3_000  # rows that are read; they come to fewer that are written
SETTLED = timedelta(seconds=20)
REUSED = 200  # numbers of removed opt-outs that may have come back
LONGEST = 20.0  # seconds of one run; the next one goes on
COLUMNS = ("accepted", "deferred", "refused", "gone", "hard", "soft", "complained", "unsubscribed")
Key = tuple[str, str, str, str]  # sender, recipient, day, kind
Counts = dict[Key, Counter[str]]
Query = Callable[[int, datetime | None], Select[*tuple[Any, ...]]]
Columns = Callable[[Any], Iterable[str]]


def catch_up(desk: Desk, *, settled: timedelta = SETTLED) -> int:
    """Count whatever is new and older than `settled`; how many rows that were."""
    until, ends, total = utcnow() - settled, time.monotonic() + LONGEST, 0
    for source, query, columns in SOURCES:
        while time.monotonic() < ends:
            read = _group(desk, source, query, columns, until)
            total += read
            if read < GROUP:
                break
    return total


def _group(desk: Desk, source: str, query: Query, columns: Columns, until: datetime) -> int:
    """Read without a lock; then write if nobody else has counted meanwhile."""
    with desk.reading() as session:
        mark = session.get(TallyMark, source)
        after, since = (mark.last_id, mark.last_at) if mark else (0, None)
        new = session.execute(query(after, since).limit(GROUP))
        rows = list(takewhile(lambda row: row.at <= until, new))
        counts = _counted(rows, _senders(session, {row.content_id for row in rows}), columns)
    if not rows:
        return 0
    with desk.session() as session:
        mark = session.get(TallyMark, source, with_for_update=True) or TallyMark(source=source, last_id=0)
        if (mark.last_id, mark.last_at) == (after, since):
            _add(session, counts)
            mark.last_id, mark.last_at = rows[-1].id, rows[-1].at
            session.add(mark)
    return len(rows)


def _counted(rows: Iterable[Any], senders: Mapping[int, str], columns: Columns) -> Counts:
    counts: Counts = defaultdict(Counter)
    for row in rows:
        recipient = row.address.rpartition("@")[2].lower()[:253]
        sender, day = senders.get(row.content_id, ""), day_of(row.at)
        for column in columns(row):
            counts[sender, ALL, day, row.kind][column] += 1
            counts[sender, recipient, day, row.kind][column] += 1
    return counts


def day_of(moment: datetime) -> str:
    return moment.astimezone(UTC).date().isoformat()


def _senders(session: Session, content_ids: set[int]) -> Mapping[int, str]:
    """The domain of the from address of each content."""
    sender: Any = MailContent.draft["from_address"].as_string()
    rows = session.execute(select(MailContent.id, sender).where(among(MailContent.id, content_ids)))
    return {number: str(address or "").rpartition("@")[2].lower()[:253] for number, address in rows}


def _add(session: Session, counts: Counts) -> None:
    if not counts:
        return
    insert = inserting(session, TallyDay)
    added = {name: getattr(TallyDay, name) + getattr(insert.excluded, name) for name in COLUMNS}
    statement = insert.on_conflict_do_update(
        index_elements=["sender", "recipient", "day", "kind"], set_=added
    )
    rows = [
        {"sender": sender, "recipient": recipient, "day": day, "kind": kind}
        | {name: found[name] for name in COLUMNS}
        for (sender, recipient, day, kind), found in sorted(counts.items())
    ]
    session.execute(statement, rows)


_OF_MAIL = (OutboxMail.address, OutboxMail.kind, OutboxMail.content_id)


def _attempts(after: int, _since: datetime | None) -> Select[*tuple[Any, ...]]:
    rows = select(Attempt.id, Attempt.at, Attempt.status, Attempt.code, *_OF_MAIL)
    return (
        rows.join(OutboxMail, OutboxMail.id == Attempt.mail_id).where(Attempt.id > after).order_by(Attempt.id)
    )


def _of_attempt(row: Any) -> Iterable[str]:
    column = {"accepted": "accepted", "deferred": "deferred", "rejected": "refused"}.get(row.status)
    if column:
        yield column
    if column == "refused" and is_gone(row.code):
        yield "gone"


def is_gone(code: str) -> bool:
    """Whether an answer such as “550 5.1.1” says that the address does not exist."""
    return code.rpartition(" ")[2] in TRUSTED


def _events(after: int, _since: datetime | None) -> Select[*tuple[Any, ...]]:
    rows = select(
        MailEvent.id,
        MailEvent.at,
        MailEvent.kind.label("what"),
        MailEvent.severity,
        MailEvent.mail_id,
        *_OF_MAIL,
    )
    believed = MailEvent.verified, MailEvent.kind.in_((Happened.BOUNCED.value, Happened.COMPLAINED.value))
    earlier = aliased(MailEvent)
    again = exists().where(
        earlier.mail_id == MailEvent.mail_id,
        earlier.id < MailEvent.id,
        earlier.kind == MailEvent.kind,
        earlier.severity == MailEvent.severity,
        earlier.verified,
    )
    rows = rows.join(OutboxMail, OutboxMail.id == MailEvent.mail_id)
    return rows.where(MailEvent.id > after, *believed, ~again).order_by(MailEvent.id)


def _of_event(row: Any) -> Iterable[str]:
    if row.what == Happened.COMPLAINED:
        yield "complained"
    else:
        yield "hard" if row.severity == "hard" else "soft"


def _departures(after: int, since: datetime | None) -> Select[*tuple[Any, ...]]:
    """Whoever comes back takes his row with him, and SQLite may give its number to the next: the time tells them apart."""
    rows = select(Suppression.id, Suppression.created_at.label("at"), *_OF_MAIL)
    rows = rows.join(OutboxMail, OutboxMail.id == Suppression.mail_id)
    rows = rows.where(Suppression.id > after - REUSED, Suppression.reason == "unsubscribed")
    if since is not None:
        rows = rows.where(Suppression.created_at > since)
    return rows.order_by(Suppression.created_at, Suppression.id)


SOURCES: tuple[tuple[str, Query, Columns], ...] = (
    ("attempts", _attempts, _of_attempt),
    ("events", _events, _of_event),
    ("suppressions", _departures, lambda _: ("unsubscribed",)),
)
