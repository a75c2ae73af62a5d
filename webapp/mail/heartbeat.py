"""Signs of life of the senders, and the sentence that says why nothing is being sent."""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.db import utcnow
from webapp.mail import restored
from webapp.mail.models import Mailing, OutboxMail, Restoration, SenderProcess
from webapp.mail.outbox.claim import WAITING
from webapp.mail.ports import ServerDirectory
from webapp.mail.states import MailingState

SILENT_AFTER = timedelta(minutes=2)


@dataclass(frozen=True)
class Standstill:
    """Why mail waits: restored, no_server, no_sender, sender_troubled, or a mail server's own; `words` say it to people."""

    kind: str
    words: str


def begin(session: Session, host: str, boot_id: str) -> SenderProcess:
    """Enter a sender that starts now."""
    process = SenderProcess(host=host, pid=os.getpid(), boot_id=boot_id)
    session.add(process)
    session.flush()
    return process


def beat(session: Session, sender_id: int, note: str = "") -> None:
    process = session.get(SenderProcess, sender_id)
    if process is not None:
        process.beat_at, process.note = utcnow(), note[:200]


def end(session: Session, sender_id: int) -> None:
    process = session.get(SenderProcess, sender_id)
    if process is not None:
        process.ended_at = utcnow()


def living(session: Session, now: datetime | None = None) -> list[SenderProcess]:
    """The senders that were heard of in the last two minutes, the oldest first."""
    since = (now or utcnow()) - SILENT_AFTER
    alive = select(SenderProcess).where(SenderProcess.ended_at.is_(None), SenderProcess.beat_at > since)
    return list(session.scalars(alive.order_by(SenderProcess.id)))


def nothing_is_sent_because(
    session: Session, servers: ServerDirectory, now: datetime | None = None
) -> Standstill | None:
    """Why no mail leaves through any server, or None. What is the matter with one of them, `settings.detours` says."""
    now = now or utcnow()
    restoration = restored.pending(session)
    if restoration is not None:
        return Standstill("restored", _restored(restoration))
    if servers.default_id(session) is None:
        return Standstill("no_server", "Nothing is being sent: there is no mail server yet.")
    alive = living(session, now)
    if not alive:
        return _no_sender(session)
    note = next((process.note for process in alive if process.note), "")
    return Standstill("sender_troubled", note) if note and all(one.note for one in alive) else None


def waiting(session: Session) -> int:
    """How many mails wait to leave: the counters of the mailings, and the single mails."""
    counted = select(func.coalesce(func.sum(Mailing.queued + Mailing.deferred), 0)).where(
        Mailing.state == MailingState.RUNNING.value
    )
    single = select(func.count()).select_from(OutboxMail).where(WAITING, OutboxMail.mailing_id.is_(None))
    return (session.scalar(counted) or 0) + (session.scalar(single) or 0)


def _restored(restoration: Restoration) -> str:
    return (
        f"Nothing is being sent: this database was restored from {restored.since(restoration.taken_at)}. What was sent since "
        "then is not known here. Look at the paused messages; whoever manages the email settings lets mail leave "
        "again on the overview."
    )


def _no_sender(session: Session) -> Standstill:
    last = session.scalar(select(func.max(SenderProcess.beat_at)))
    since = "has been started yet" if last is None else f"was heard of since {last:%H:%M} UTC"
    return Standstill(
        "no_sender",
        f"Nothing is being sent: no sender {since}. Start it with “offerpost serve” or “offerpost worker”.",
    )
