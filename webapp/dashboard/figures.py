"""What the overview shows, read from the counters of the mailings: cheap however many mails there are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager

from webapp.accounts.models import User
from webapp.broadcasts.access import visible
from webapp.broadcasts.models import Broadcast
from webapp.db import utcnow
from webapp.mail.models import Mailing
from webapp.settings.models import MailServer
from webapp.web.charts import scale_end

DAYS = 14
RECENT = 5


@dataclass
class Day:
    """Mails of the messages that were started on this day."""

    date: date
    accepted: int = 0
    failed: int = 0
    unknown: int = 0
    suppressed: int = 0
    messages: int = 0

    def add(self, accepted: int, failed: int, unknown: int, suppressed: int) -> None:
        """One more message of this day."""
        self.messages += 1
        self.accepted += accepted
        self.failed += failed
        self.unknown += unknown
        self.suppressed += suppressed

    @property
    def words(self) -> str:
        return f"{self.date.day} {self.date:%b}"


@dataclass(frozen=True)
class Overview:
    moving: Sequence[Broadcast]
    troubled: Sequence[Broadcast]
    recent: Sequence[Broadcast]
    days: list[Day] = field(default_factory=list)
    paused: Sequence[MailServer] = ()
    servers: Sequence[MailServer] = ()

    @property
    def accepted(self) -> int:
        return sum(day.accepted for day in self.days)

    @property
    def failed(self) -> int:
        return sum(day.failed for day in self.days)

    @property
    def unknown(self) -> int:
        return sum(day.unknown for day in self.days)

    @property
    def suppressed(self) -> int:
        return sum(day.suppressed for day in self.days)

    @property
    def messages(self) -> int:
        return sum(day.messages for day in self.days)

    @property
    def busiest(self) -> Day:
        return max(self.days, key=lambda day: day.accepted + day.failed)

    @property
    def top(self) -> int:
        """Where the scale of the chart ends: a round number above the busiest day."""
        return scale_end(self.busiest.accepted + self.busiest.failed)


def overview(session: Session, user: User, zone: tzinfo) -> Overview:
    started = _started(user)
    since = utcnow() - timedelta(days=DAYS)
    moving = started.where(Mailing.state.in_(("running", "paused"))).limit(RECENT)
    wrong = (Mailing.failed > 0) | (Mailing.unknown > 0)
    over = Mailing.state.in_(("finished_with_failures", "cancelled"))
    troubled = started.where(wrong, over, Mailing.created_at > since).limit(RECENT)
    servers = _servers(session) if user.may("manage_email_settings") else []
    return Overview(
        moving=session.scalars(moving).all(),
        troubled=session.scalars(troubled).all(),
        recent=session.scalars(started.limit(RECENT)).all(),
        days=_days(session, user, zone),
        paused=[server for server in servers if server.paused_at is not None],
        servers=servers,
    )


def _started(user: User) -> Select[Broadcast]:
    return (
        select(Broadcast)
        .join(Broadcast.mailing)
        .options(contains_eager(Broadcast.mailing))
        .where(visible(user))
        .order_by(Mailing.id.desc())
    )


def _days(session: Session, user: User, zone: tzinfo) -> list[Day]:
    today = utcnow().astimezone(zone).date()
    days = {
        today - timedelta(days=back): Day(today - timedelta(days=back)) for back in range(DAYS - 1, -1, -1)
    }
    first = datetime.combine(min(days), datetime.min.time(), zone)
    rows = (
        select(Mailing.created_at, Mailing.sent, Mailing.failed, Mailing.unknown, Mailing.suppressed)
        .join(Broadcast, Broadcast.mailing_id == Mailing.id)
        .where(visible(user), Mailing.created_at >= first)
    )
    for at, *counts in session.execute(rows):
        day = days.get(at.astimezone(zone).date())
        if day is not None:
            day.add(*counts)
    return list(days.values())


def _servers(session: Session) -> Sequence[MailServer]:
    saved = select(MailServer).where(MailServer.draft_until.is_(None))
    return session.scalars(saved.order_by(MailServer.is_default.desc(), MailServer.name)).all()
