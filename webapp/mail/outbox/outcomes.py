"""What pages and exports read: progress from the counters, rows page by page, reasons in groups."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from webapp.errors import NotFound
from webapp.mail.models import Attempt, MailContent, Mailing, OutboxMail
from webapp.mail.outbox.counters import UNFINISHED, as_counts
from webapp.mail.outbox.identity import domain_of, message_id
from webapp.mail.states import State

WORDS_LENGTH = 120  # replies that differ only far behind are one reason
CHUNK = 1_000


@dataclass(frozen=True)
class Progress:
    """Where a mailing stands, from its counters alone."""

    mailing_id: int
    state: str
    reason: str
    total: int
    counts: Mapping[str, int]
    started_at: datetime
    finished_at: datetime | None

    @property
    def remaining(self) -> int:
        return sum(self.counts[state] for state in UNFINISHED)

    @property
    def done(self) -> int:
        return self.total - self.remaining


@dataclass(frozen=True)
class Reason:
    """So many rows have this state for this reason."""

    state: str
    reason: str
    code: str
    words: str
    count: int


@dataclass(frozen=True)
class Outcome:
    """One line of the export; `recipient_id` is the affiliate, whose own id the caller adds."""

    mail_id: int
    recipient_id: int | None
    address: str
    state: str
    reason: str
    attempts: int
    code: str
    detail: str
    message_id: str
    at: datetime


def progress(session: Session, mailing_id: int) -> Progress:
    mailing = session.get(Mailing, mailing_id, populate_existing=True)
    if mailing is None:
        raise NotFound("There is no such sending.")
    return Progress(
        mailing_id=mailing.id,
        state=mailing.state,
        reason=mailing.reason,
        total=mailing.total,
        counts=as_counts(mailing),
        started_at=mailing.created_at,
        finished_at=mailing.finished_at,
    )


def rows(
    mailing_id: int, *, states: Sequence[str] = (), search: str = "", after_id: int = 0
) -> Select[OutboxMail]:
    """The rows of a mailing in the order of their ids; the caller limits them. `search` is the start of an address."""
    wanted = select(OutboxMail).where(OutboxMail.mailing_id == mailing_id).order_by(OutboxMail.id)
    if states:
        wanted = wanted.where(OutboxMail.state.in_([State(state).value for state in states]))
    if search.strip():
        start = search.strip().lower()
        wanted = wanted.where(func.lower(OutboxMail.address).startswith(start, autoescape=True))
    return wanted.where(OutboxMail.id > after_id) if after_id else wanted


def reasons(session: Session, mailing_id: int, *, limit: int = 20) -> list[Reason]:
    """Why mails failed, wait, were left out or are unknown, the most frequent first."""
    words = func.substr(OutboxMail.detail, 1, WORDS_LENGTH)
    troubled = [State.FAILED.value, State.DEFERRED.value, State.UNKNOWN.value, State.SUPPRESSED.value]
    how_many = func.count()
    grouped = (
        select(OutboxMail.state, OutboxMail.reason, OutboxMail.code, words, how_many)
        .where(OutboxMail.mailing_id == mailing_id, OutboxMail.state.in_(troubled))
        .group_by(OutboxMail.state, OutboxMail.reason, OutboxMail.code, words)
        .order_by(how_many.desc(), OutboxMail.state)
        .limit(limit)
    )
    return [Reason(*row) for row in session.execute(grouped)]


def attempts(session: Session, mail_id: int) -> list[Attempt]:
    """The evidence about one mail, oldest first."""
    return list(session.scalars(select(Attempt).where(Attempt.mail_id == mail_id).order_by(Attempt.id)))


def export(session: Session, mailing_id: int) -> Iterator[Outcome]:
    """Every row of a mailing, in constant memory."""
    mailing = session.get(Mailing, mailing_id)
    if mailing is None:
        raise NotFound("There is no such sending.")
    domain = domain_of(session.get_one(MailContent, mailing.content_id).draft)
    last = 0
    while True:
        page = session.execute(_columns(rows(mailing_id, after_id=last)).limit(CHUNK)).all()
        for mail in page:
            yield outcome(mail, domain)
        if len(page) < CHUNK:
            return
        last = page[-1].id


def outcome(mail: OutboxMail | Row[*tuple[Any, ...]], domain: str) -> Outcome:
    """A row as people read it. `domain` is that of the Message-IDs of its content."""
    return Outcome(
        mail_id=mail.id,
        recipient_id=mail.recipient_id,
        address=mail.address,
        state=mail.state,
        reason=mail.reason,
        attempts=mail.attempts,
        code=mail.code,
        detail=mail.detail or mail.reason.replace("_", " "),
        message_id=message_id(mail.id, mail.key, mail.created_at, domain),
        at=mail.changed_at,
    )


def _columns(wanted: Select[OutboxMail]) -> Select[*tuple[Any, ...]]:
    """Columns instead of objects, which the session would all keep."""
    return wanted.with_only_columns(
        OutboxMail.id,
        OutboxMail.key,
        OutboxMail.recipient_id,
        OutboxMail.address,
        OutboxMail.state,
        OutboxMail.reason,
        OutboxMail.attempts,
        OutboxMail.code,
        OutboxMail.detail,
        OutboxMail.created_at,
        OutboxMail.changed_at,
    )
