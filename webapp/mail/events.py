"""What happened to a mail after it had left: bounces, complaints, replies. They stand beside its state and never change counts.

Events come late, twice, out of order, or before our own record of the sending. So each is kept once, by its key, and
how a mail stands is the highest of its events: complained, then bounced hard, then delivered, then the rest.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Index, String, Text, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.among import among
from webapp.db import Base, UtcDateTime, inserting, utcnow
from webapp.mail.models import Attempt, BigKey, OutboxMail
from webapp.mail.outbox.counters import Deltas
from webapp.mail.states import State

BELIEVED_FOR = timedelta(days=14)  # so long after a real attempt a bounce is taken seriously
MOST_OF_A_KIND = 20  # a forger with one genuine address could otherwise fill the table
Listener = Callable[[Session, Mapping[str, Any]], None]
_listeners: list[Listener] = []


class Happened(StrEnum):
    COMPLAINED = "complained"
    BOUNCED = "bounced"
    DELIVERED = "delivered"
    REPLIED = "replied"
    AUTO_REPLIED = "auto_replied"


class MailEvent(Base):
    """One thing that is told of one mail. `verified`: it can only have come from who got the mail."""

    __tablename__ = "mail_events"
    __table_args__ = (
        Index("ix_mail_events_mail", "mail_id"),
        {"sqlite_autoincrement": True},  # followed behind a mark
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    key: Mapped[str] = mapped_column(
        String(120), unique=True
    )  # the provider's id, or the hash of the mail that came
    mail_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(12))
    severity: Mapped[str] = mapped_column(String(8), default="")  # of a bounce: hard, soft, unknown
    status: Mapped[str] = mapped_column(String(12), default="")
    words: Mapped[str] = mapped_column(Text, default="")  # the server's own
    verified: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


def record(session: Session, event: dict[str, Any]) -> bool:
    """Keep an event, given by its columns; False if it is known already or this mail has too many of that kind.

    Only its equals are counted, so that neither forgeries nor a chatty vacation notice crowd a genuine bounce out.
    """
    alike = {name: event.get(name, "") for name in ("mail_id", "kind", "severity")}
    held = (
        select(func.count()).select_from(MailEvent).filter_by(**alike, verified=bool(event.get("verified")))
    )
    if (session.scalar(held) or 0) >= MOST_OF_A_KIND:
        return False
    statement = inserting(session, MailEvent).values(**event).on_conflict_do_nothing(index_elements=["key"])
    new = bool(session.scalars(statement.returning(MailEvent.id)).all())
    if new:
        for listener in _listeners:
            listener(session, event)
    return new


def listen(listener: Listener) -> None:
    """Call it for every new event, in the transaction that records it. Once is enough, however often it is said."""
    if listener not in _listeners:
        _listeners.append(listener)


def of_mail(session: Session, mail_id: int) -> list[MailEvent]:
    """What is told of a mail, the oldest first."""
    return list(session.scalars(select(MailEvent).where(MailEvent.mail_id == mail_id).order_by(MailEvent.id)))


def standing(session: Session, mail_ids: Collection[int]) -> dict[int, MailEvent]:
    """The event that says how each mail stands; a mail of which nothing is told is missing."""
    highest: dict[int, MailEvent] = {}
    for event in session.scalars(
        select(MailEvent).where(among(MailEvent.mail_id, mail_ids)).order_by(MailEvent.id)
    ):
        before = highest.get(event.mail_id)
        if before is None or _rank(event) > _rank(before):
            highest[event.mail_id] = event
    return highest


def was_tried_lately(session: Session, mail: OutboxMail) -> bool:
    """Whether a real attempt was made within the last fortnight; one that is not recorded yet counts."""
    since = utcnow() - BELIEVED_FOR
    if mail.state in (State.SENDING, State.UNKNOWN):
        return mail.changed_at >= since
    return (
        session.scalar(select(Attempt.id).where(Attempt.mail_id == mail.id, Attempt.at >= since).limit(1))
        is not None
    )


def settle(session: Session, mail: OutboxMail) -> None:
    """Something came back from a mail that was *unknown*: so it had gone."""
    now, deltas = utcnow(), Deltas()
    settled = session.scalars(
        update(OutboxMail)
        .where(OutboxMail.id == mail.id, OutboxMail.state == State.UNKNOWN.value)
        .values(state=State.SENT.value, changed_at=now, values=None)
        .returning(OutboxMail.id)
        .execution_options(synchronize_session=False)
    ).all()
    if settled:
        deltas.move(mail.mailing_id, State.UNKNOWN, State.SENT)
        deltas.apply(session, now)


def _rank(event: MailEvent) -> int:
    if event.kind == Happened.COMPLAINED:
        return 4
    if event.kind == Happened.BOUNCED and event.verified:
        return 3 if event.severity == "hard" else 1
    return {Happened.DELIVERED: 2}.get(Happened(event.kind), 0)
