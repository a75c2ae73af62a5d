"""The reputation page: 30 days of one sending domain, what the guards say of it, and what they stopped."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.broadcasts.access import visible
from webapp.broadcasts.models import Broadcast
from webapp.domains.loading import sending_domain
from webapp.guards import figures, programme
from webapp.guards.figures import Day, Sums
from webapp.guards.judgement import Judgement
from webapp.guards.models import GuardPause, TallyMark
from webapp.mail.models import MailContent, Mailing
from webapp.mail.states import MailingState
from webapp.web.charts import scale_end

RECIPIENTS = 10
COLUMNS = (
    ("accepted", "Accepted"),
    ("deferred", "Deferred"),
    ("refused", "Refused"),
    ("hard", "Hard bounces"),
    ("soft", "Soft bounces"),
    ("complained", "Complained"),
    ("unsubscribed", "Unsubscribed"),
)


@dataclass(frozen=True)
class Held:
    """A message that a guard paused and nobody has resumed yet."""

    broadcast_id: int
    name: str
    words: str
    at: datetime


@dataclass(frozen=True)
class Reputation:
    domain: str
    domains: Sequence[str]
    days: Sequence[Day]
    recipients: Sequence[tuple[str, Sums]]
    judgements: Sequence[Judgement]
    feedback_ids: Sequence[str]
    counted: datetime | None

    @property
    def sums(self) -> Sums:
        return reduce(Sums.__add__, (day.sums for day in self.days), Sums())

    @property
    def busiest(self) -> Day:
        return max(self.days, key=lambda day: day.sums.accepted)

    def top(self, *columns: str) -> int:
        """Where the scale ends of a chart in which these columns stand on each other."""
        return scale_end(max(sum(getattr(day.sums, name) for name in columns) for day in self.days))


def reputation(session: Session, asked: str, now: datetime) -> Reputation:
    """Of the domain that was asked for, else of the one that sends, else of the first that ever did."""
    domains = figures.senders(session)
    domain = _chosen(session, asked, domains)
    recipients = figures.busiest_recipients(session, domain, figures.days_back(now, 7), RECIPIENTS)
    return Reputation(
        domain=domain,
        domains=domains,
        days=days_of(session, domain, now),
        recipients=recipients,
        judgements=programme.judgements(session, domain, now, recipients) if domain else [],
        feedback_ids=_feedback_ids(session),
        counted=session.scalar(select(func.max(TallyMark.last_at))),
    )


def days_of(session: Session, domain: str, now: datetime) -> list[Day]:
    """The last 30 days, with or without mail."""
    names = figures.days_back(now, programme.MONTH)
    daily = figures.daily(session, domain, names)
    return [Day(date.fromisoformat(name), daily.get(name, Sums())) for name in names]


def export(session: Session, asked: str, now: datetime) -> Iterator[str]:
    """CSV. Dates and numbers only: nothing in it that a spreadsheet could take for a formula."""
    yield "day," + ",".join(name for name, _ in COLUMNS) + "\r\n"
    for day in days_of(session, _chosen(session, asked, figures.senders(session)), now):
        yield f"{day.date}," + ",".join(str(getattr(day.sums, name)) for name, _ in COLUMNS) + "\r\n"


def held(session: Session, user: User) -> list[Held]:
    """What the guards paused and this user may see, the newest first."""
    newest = select(func.max(GuardPause.id)).group_by(GuardPause.mailing_id)
    rows = (
        select(Broadcast.id, Broadcast.name, GuardPause.words, GuardPause.at)
        .join(Mailing, Mailing.id == GuardPause.mailing_id)
        .join(Broadcast, Broadcast.mailing_id == Mailing.id)
        .where(
            GuardPause.id.in_(newest),
            Mailing.state == MailingState.PAUSED.value,
            Mailing.reason != "",
            visible(user),
        )
        .order_by(GuardPause.id.desc())
    )
    return [Held(*row) for row in session.execute(rows)]


def _chosen(session: Session, asked: str, domains: Sequence[str]) -> str:
    own = sending_domain(session)
    return next((one for one in (asked, own, *domains) if one in domains), own)


def _feedback_ids(session: Session) -> list[str]:
    """Those of the latest messages: Gmail tells complaints by them."""
    told = MailContent.draft["feedback_id"].as_string()
    latest = (
        select(told).join(Mailing, Mailing.content_id == MailContent.id).order_by(Mailing.id.desc()).limit(20)
    )
    return list(dict.fromkeys(one for one in session.scalars(latest) if one))[:5]
