"""What Prometheus reads, in its text format 0.0.4: counts and ages, nothing about a person.

Everything comes from counters and small indexes, so that it costs the same with a million mails.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.db import utcnow
from webapp.mail import heartbeat, restored
from webapp.mail.models import Mailing, OutboxMail, SenderProcess
from webapp.mail.outbox.claim import WAITING
from webapp.mail.states import State
from webapp.settings.models import MailServer

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Sample = tuple[dict[str, str], float]


@dataclass(frozen=True)
class Gauge:
    name: str
    help: str
    samples: list[Sample] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        yield f"# HELP offerpost_{self.name} {self.help}"
        yield f"# TYPE offerpost_{self.name} gauge"
        for labels, value in self.samples:
            inside = ",".join(f'{name}="{text}"' for name, text in labels.items())
            yield (
                f"offerpost_{self.name}{{{inside}}} {value!r}"
                if inside
                else f"offerpost_{self.name} {value!r}"
            )


def exposition(session: Session) -> str:
    now = utcnow()
    return "".join(f"{line}\n" for gauge in _gauges(session, now) for line in gauge.lines())


def _gauges(session: Session, now: datetime) -> Iterator[Gauge]:
    yield Gauge("mails", "Mails of all messages, and single mails, by state.", _mails(session))
    yield Gauge("oldest_waiting_seconds", "Age of the oldest mail that waits.", [({}, _oldest(session, now))])
    alive = heartbeat.living(session, now)
    yield Gauge("senders", "Senders heard of in the last two minutes.", [({}, float(len(alive)))])
    last = session.scalar(select(func.max(SenderProcess.beat_at)))
    if last is not None:
        yield Gauge(
            "sender_heartbeat_age_seconds", "Since the last sign of a sender.", [({}, _age(last, now))]
        )
    yield Gauge("mail_server_paused", "1 while a mail server is paused.", _servers(session))
    held = float(restored.pending(session) is not None)
    yield Gauge("held_after_restore", "1 until somebody confirms a restored database.", [({}, held)])


def _mails(session: Session) -> list[Sample]:
    """The mailings' counters, and the single mails: the latter are found by an index that begins with the mailing."""
    states = [state.value for state in State]
    sums = session.execute(
        select(*(func.coalesce(func.sum(getattr(Mailing, state)), 0) for state in states))
    ).one()
    single = select(OutboxMail.state, func.count()).where(OutboxMail.mailing_id.is_(None))
    counts = dict(session.execute(single.group_by(OutboxMail.state)).all())
    return [
        ({"state": state, "part": part}, float(count))
        for part, found in (("message", dict(zip(states, sums, strict=True))), ("single", counts))
        for state in states
        for count in [found.get(state, 0)]
    ]


def _oldest(session: Session, now: datetime) -> float:
    """The rows of a message are as old as its start."""
    running = Mailing.queued + Mailing.deferred > 0
    started = session.scalar(select(func.min(Mailing.created_at)).where(Mailing.state == "running", running))
    single = session.scalar(
        select(func.min(OutboxMail.created_at)).where(WAITING, OutboxMail.mailing_id.is_(None))
    )
    return max((_age(moment, now) for moment in (started, single) if moment is not None), default=0.0)


def _servers(session: Session) -> list[Sample]:
    saved = select(MailServer).where(MailServer.draft_until.is_(None)).order_by(MailServer.id)
    return [
        ({"server": str(server.id), "kind": server.kind}, float(server.paused_at is not None))
        for server in session.scalars(saved)
    ]


def _age(moment: datetime, now: datetime) -> float:
    return max(0.0, round((now - moment).total_seconds(), 1))
