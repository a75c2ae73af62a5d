"""What became of each mail of a message: rows for the table, the latest results, the pace, the export."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from webapp.affiliates import finding
from webapp.affiliates.models import Affiliate
from webapp.broadcasts.remedies import NOT_REACHED
from webapp.db import utcnow
from webapp.errors import NotFound
from webapp.imports.cells import guarded
from webapp.mail import events
from webapp.mail.events import Happened, MailEvent
from webapp.mail.models import Attempt, Mailing, OutboxMail
from webapp.mail.outbox import outcomes
from webapp.mail.states import State

COLUMNS = ("affiliate_id", "email", "state", "attempts", "code", "detail", "message_id", "at", "afterwards")
LATEST = 5
MINUTES = 8
STATES = frozenset(state.value for state in State)
UNREACHED, HARD = "unreached", "hard"
AFTERWARDS = (Happened.BOUNCED.value, Happened.COMPLAINED.value)
WINDOW = 20_000  # attempts that the pace is read from: a bound on what a refresh costs
SORTS = {"tries": OutboxMail.attempts, "last": OutboxMail.changed_at}


@dataclass(frozen=True)
class Minute:
    """What was heard in one minute."""

    at: datetime
    accepted: int
    other: int


@dataclass(frozen=True)
class Wanted:
    """What a table was asked for. `listed` is how many rows the counters say that it has before it is searched."""

    mailing_id: int
    listed: int
    state: str = ""
    search: str = ""
    sort: str = ""

    @property
    def few(self) -> bool:
        """Few enough rows to look into each: then any part of a word is found, and the table is sorted as one likes."""
        return self.listed <= finding.FEW


def table(wanted: Wanted) -> Select[OutboxMail, Affiliate]:
    """(mail, affiliate or None). A search looks into name, address and the server's words; of many rows it finds those
    whose affiliate's name, number or address begins so, or who were mailed at exactly this address.
    """
    query = _of(wanted.mailing_id)
    if wanted.state in STATES:
        query = query.where(OutboxMail.state == wanted.state)
    elif wanted.state == UNREACHED:
        query = query.where(_unreached())
    elif wanted.state in AFTERWARDS:
        told = select(MailEvent.mail_id).where(_told(wanted.state))
        query = query.where(OutboxMail.id.in_(told))
    if wanted.search:
        query = query.where(_containing(wanted.search) if wanted.few else _beginning(wanted))
    column = SORTS.get(wanted.sort.removeprefix("-")) if wanted.few else None
    if column is None:
        return query.order_by(
            OutboxMail.state, OutboxMail.id
        )  # the order of the index, however long the table
    return query.order_by(column.desc() if wanted.sort.startswith("-") else column.asc(), OutboxMail.id)


def afterwards(session: Session, mailing_id: int) -> dict[str, int]:
    """How many of its mails bounced after they were accepted, how many of those hard, and of how many somebody
    complained; what forgers could have written does not count.
    """
    first, last = _range(session, mailing_id)
    hard = case((and_(MailEvent.severity == "hard", OutboxMail.state.not_in(NOT_REACHED)), MailEvent.mail_id))
    query = (
        select(MailEvent.kind, func.count(MailEvent.mail_id.distinct()), func.count(hard.distinct()))
        .join(OutboxMail, OutboxMail.id == MailEvent.mail_id)
        .where(MailEvent.mail_id.between(first, last), OutboxMail.mailing_id == mailing_id)
        .where(or_(*(_told(kind) for kind in AFTERWARDS)))
        .group_by(MailEvent.kind)
    )
    found = {row[0]: (row[1], row[2]) for row in session.execute(query)}
    counts = {kind: mails for kind, (mails, _) in found.items()}
    return counts | {HARD: found.get(Happened.BOUNCED.value, (0, 0))[1]}


def unreached(counts: Mapping[str, int], after: Mapping[str, int]) -> int:
    """How many recipients have no mail of it, as far as is known."""
    return sum(counts[state.value] for state in NOT_REACHED) + after[HARD]


def _unreached() -> ColumnElement[bool]:
    """Whatever left nobody with a mail: it did not leave, may not have, or came back for good."""
    gone = select(MailEvent.mail_id).where(_told(Happened.BOUNCED.value), MailEvent.severity == "hard")
    return or_(OutboxMail.state.in_([state.value for state in NOT_REACHED]), OutboxMail.id.in_(gone))


def _told(kind: str) -> ColumnElement[bool]:
    return and_(MailEvent.kind == kind, MailEvent.verified)


def _of(mailing_id: int) -> Select[OutboxMail, Affiliate]:
    return (
        select(OutboxMail, Affiliate)
        .outerjoin(Affiliate, Affiliate.id == OutboxMail.recipient_id)
        .where(OutboxMail.mailing_id == mailing_id)
    )


def find(session: Session, mailing_id: int, mail_id: int) -> tuple[OutboxMail, Affiliate | None]:
    """One row of this mailing, whatever its state."""
    row = session.execute(_of(mailing_id).where(OutboxMail.id == mail_id)).one_or_none()
    if row is None:
        raise NotFound("This mail does not belong to this message.")
    return row[0], row[1]


def latest(session: Session, mailing_id: int) -> list[tuple[OutboxMail, Affiliate | None]]:
    """The newest results. Each state's last rows come from the index, so that a large mailing costs no more."""
    found: list[tuple[OutboxMail, Affiliate | None]] = []
    for state in (State.SENT, State.FAILED, State.DEFERRED, State.UNKNOWN):
        newest = _of(mailing_id).where(OutboxMail.state == state).order_by(OutboxMail.id.desc()).limit(LATEST)
        found += [(row[0], row[1]) for row in session.execute(newest)]
    return sorted(found, key=lambda pair: pair[0].changed_at, reverse=True)[:LATEST]


def pace(session: Session, mailing_id: int, now: datetime | None = None) -> list[Minute]:
    """What was heard in each of the last minutes."""
    end = (now or utcnow()).replace(second=0, microsecond=0) + timedelta(minutes=1)
    starts = [end - timedelta(minutes=back) for back in range(MINUTES, 0, -1)]
    newest = session.scalar(select(func.max(Attempt.id))) or 0
    minute = _minute(session).label("minute")
    accepted = func.sum(case((Attempt.status == "accepted", 1), else_=0))
    heard = (
        select(minute, accepted, func.count())
        .where(
            Attempt.id > newest - WINDOW,
            Attempt.at >= starts[0],
            # The rows of a mailing were made by one statement, so their ids are a range.
            Attempt.mail_id.between(*_range(session, mailing_id)),
        )
        .group_by(minute)
    )
    found = {row[0]: (int(row[1]), int(row[2])) for row in session.execute(heard)}
    counts = [found.get(f"{start:%Y-%m-%d %H:%M}", (0, 0)) for start in starts]
    return [Minute(start, count[0], count[1] - count[0]) for start, count in zip(starts, counts, strict=True)]


def _minute(session: Session) -> ColumnElement[str]:
    """The minute of an attempt as text; SQLite keeps times as text, in UTC."""
    if session.get_bind().dialect.name == "postgresql":
        return func.to_char(func.timezone("UTC", Attempt.at), "YYYY-MM-DD HH24:MI")
    return func.substr(cast(Attempt.at, String), 1, 16)


def _range(session: Session, mailing_id: int) -> tuple[int, int]:
    """The first and last row of a mailing, read from the ends of the index for each state."""
    ends: list[int] = []
    for state in STATES:
        inside = (OutboxMail.mailing_id == mailing_id, OutboxMail.state == state)
        # Each a question of its own: SQLite goes to one end of an index, but for both at once through all of it.
        low, high = session.execute(
            select(
                *(select(end(OutboxMail.id)).where(*inside).scalar_subquery() for end in (func.min, func.max))
            )
        ).one()
        ends += [low, high] if low is not None else []
    return (min(ends), max(ends)) if ends else (0, 0)


def export(session: Session, mailing: Mailing) -> Iterator[str]:
    """The outcome of every recipient as CSV, line by line, safe to open in a spreadsheet."""
    yield _line(COLUMNS)
    for chunk in _chunks(outcomes.export(session, mailing.id)):
        ids = [one.recipient_id for one in chunk if one.recipient_id is not None]
        rows = session.execute(select(Affiliate.id, Affiliate.affiliate_id).where(Affiliate.id.in_(ids)))
        own = {row[0]: row[1] or "" for row in rows}
        told = events.standing(session, [one.mail_id for one in chunk])
        for one in chunk:
            number = own.get(one.recipient_id or 0, "")
            at = one.at.isoformat(timespec="seconds")
            after = told[one.mail_id].kind if one.mail_id in told else ""
            fields = (one.address, one.state, one.attempts, one.code, one.detail, one.message_id, at, after)
            yield _line((number, *fields))


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


def _containing(search: str) -> ColumnElement[bool]:
    fields = (
        Affiliate.company,
        Affiliate.first_name,
        Affiliate.last_name,
        Affiliate.affiliate_id,
        OutboxMail.address,
        OutboxMail.detail,
    )
    return or_(*(field.icontains(search, autoescape=True) for field in fields))


def _beginning(wanted: Wanted) -> ColumnElement[bool]:
    """The index finds the affiliates, their ids give the keys of their rows, and another index finds those."""
    words = finding.words(wanted.search)
    found = finding.candidates(words[0], addresses=True).subquery()
    keys = select(literal(f"{wanted.mailing_id}:", String) + cast(found.c.id, String))
    exactly = select(OutboxMail.key).where(OutboxMail.address == wanted.search.lower())
    others = [finding.matches(word, addresses=True) for word in words[1:]]
    return and_(OutboxMail.key.in_(union_all(keys, exactly)), *others)
