"""Counts what became of mails, day by day: each attempt, event and opt-out once. The sender knows nothing of it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, aliased

from webapp.among import among
from webapp.db import inserting
from webapp.desk import Desk
from webapp.feedback.barring import TRUSTED
from webapp.guards.following import Query, Source, Write, follow
from webapp.guards.models import ALL, TallyDay
from webapp.mail.events import Happened, MailEvent
from webapp.mail.models import Attempt, MailContent, OutboxMail, Suppression

COLUMNS = ("accepted", "deferred", "refused", "gone", "hard", "soft", "complained", "unsubscribed")
Key = tuple[str, str, str, str]  # sender, recipient, day, kind
Counts = dict[Key, Counter[str]]
Columns = Callable[[Any], Iterable[str]]


def catch_up(desk: Desk, *, settled: timedelta | None = None) -> int:
    """Count whatever is new and has settled; how many rows that were."""
    return follow(desk, SOURCES, settled)


def _source(name: str, query: Query, columns: Columns) -> Source:
    def prepare(session: Session, rows: Sequence[Any]) -> Write:
        counts = _counted(rows, _senders(session, {row.content_id for row in rows}), columns)
        return partial(_add, counts=counts)

    return Source(name, query, prepare)


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


OF_MAIL = (OutboxMail.address, OutboxMail.kind, OutboxMail.content_id, OutboxMail.mailing_id, OutboxMail.key)
"""What all sums need of the mail, those of `webapp.reports` too, which read the same rows."""


def attempts(after: int) -> Select[*tuple[Any, ...]]:
    rows = select(Attempt.id, Attempt.at, Attempt.status, Attempt.code, *OF_MAIL)
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


def events(after: int) -> Select[*tuple[Any, ...]]:
    rows = select(
        MailEvent.id,
        MailEvent.at,
        MailEvent.kind.label("what"),
        MailEvent.severity,
        MailEvent.mail_id,
        *OF_MAIL,
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


def of_event(row: Any) -> Iterable[str]:
    if row.what == Happened.COMPLAINED:
        yield "complained"
    else:
        yield "hard" if row.severity == "hard" else "soft"


def departures(after: int) -> Select[*tuple[Any, ...]]:
    rows = select(Suppression.id, Suppression.created_at.label("at"), Suppression.mail_id, *OF_MAIL)
    rows = rows.join(OutboxMail, OutboxMail.id == Suppression.mail_id)
    rows = rows.where(Suppression.id > after, Suppression.reason == "unsubscribed")
    return rows.order_by(Suppression.id)


SOURCES = (
    _source("attempts", attempts, _of_attempt),
    _source("events", events, of_event),
    _source("suppressions", departures, lambda _: ("unsubscribed",)),
)
