"""What of a server's limits is used just now, and what rests: for its page and for the command line."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.mail.models import ServerRest
from webapp.mail.outbox import domains
from webapp.mail.outbox.limits import SPANS as LENGTHS
from webapp.mail.outbox.limits import limits_of, reserve, start_of, used_now
from webapp.mail.outbox.pace import ALL_OTHERS, Pace
from webapp.mail.states import Kind
from webapp.settings import limits, store
from webapp.settings.models import MailServer
from webapp.settings.wording import clock, rest_words

SPANS = ("day", "hour", "minute")  # that of a second is over before anybody reads it
SHOWN = 8  # domains


@dataclass(frozen=True)
class Budget:
    """One window that runs now, until `ends`. `domain` is empty for the server's own; `kept` is for operational mail."""

    span: str
    used: int
    limit: int
    kept: int
    ends: datetime
    domain: str = ""

    @property
    def share(self) -> float:
        """How much of it is used, from 0 to 1."""
        return min(1.0, self.used / self.limit) if self.limit else 1.0

    def spent(self, kind: str) -> bool:
        """Whether nothing of it is left for mail of this class."""
        return self.used >= self.limit - (self.kept if kind == Kind.ANNOUNCEMENT else 0)


@dataclass(frozen=True)
class Stage:
    """Where a warm-up plan stands: `day` counts from 1, and is 0 before its first one."""

    day: int
    begins: str
    today: int
    tomorrow: int


@dataclass(frozen=True)
class Standing:
    """How a server stands: its budgets, what rests or recovers, and whether announcements may leave at this hour."""

    budgets: list[Budget]
    rests: list[ServerRest]
    hours: str
    in_hours: bool
    warm_up: Stage | None
    zone: tzinfo
    now: datetime
    more_domains: int = 0  # that have a budget, too, and used less of it

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to tell: no limit by time, no rest, no hours."""
        return not (self.budgets or self.rests or self.hours or self.warm_up)

    @property
    def resting(self) -> bool:
        """Whether the server itself rests."""
        return any(not rest.domain and rest.until > self.now for rest in self.rests)

    def clock(self, moment: datetime) -> str:
        return clock(moment, self.zone, self.now)

    def rest_words(self, rest: ServerRest, connections: int) -> str:
        return rest_words(rest, connections, self.zone, self.now)


def standing(session: Session, server: MailServer, now: datetime) -> Standing:
    """As of now. Locks nothing."""
    zone = store.identity(session).zone
    pace = limits.pace_of(server, zone)
    wanted = select(ServerRest).where(ServerRest.server_id == server.id).order_by(ServerRest.domain)
    rests = list(session.scalars(wanted.execution_options(populate_existing=True)))
    by_domain, more = _of_domains(session, server, pace, now)
    return Standing(
        budgets=[*_own(session, server, pace, now), *by_domain],
        rests=rests,
        hours=server.hours,
        in_hours=pace.hours is None or pace.hours.open_at(now),
        warm_up=_stage(server, pace, now),
        zone=zone,
        now=now,
        more_domains=more,
    )


def as_dict(found: Standing, now: datetime) -> dict[str, Any]:
    """The same as the command line prints it."""
    return {
        "budgets": [
            {"span": one.span, "used": one.used, "limit": one.limit}
            | ({"domain": one.domain} if one.domain else {})
            for one in found.budgets
        ],
        "rests": [
            {
                "domain": rest.domain or None,
                "until": rest.until.isoformat(),
                "resting": rest.until > now,
                "connections": rest.allowed,
                "reason": rest.words,
            }
            for rest in found.rests
        ],
        "announcements_allowed_now": found.in_hours,
    }


def _stage(server: MailServer, pace: Pace, now: datetime) -> Stage | None:
    """None without a plan, and once the server's own limit is the narrower one: then the plan is over."""
    plan, today = pace.warm_up, now.date()
    if plan is None or (server.max_per_day is not None and plan.budget(today) >= server.max_per_day):
        return None
    day = max(0, (today - plan.begins).days + 1)
    tomorrow = limits_of(server, now + timedelta(days=1), pace)["day"]
    return Stage(day, f"{plan.begins:%Y-%m-%d}", limits_of(server, now, pace)["day"], tomorrow)


def _own(session: Session, server: MailServer, pace: Pace, now: datetime) -> list[Budget]:
    bounds = limits_of(server, now, pace)
    used = used_now(session, server.id, now)
    return [_budget(span, used.get(span, 0), bounds[span], now) for span in SPANS if span in bounds]


def _of_domains(session: Session, server: MailServer, pace: Pace, now: datetime) -> tuple[list[Budget], int]:
    """Those of the domains that have used most of theirs, and how many domains there are beside."""
    used = domains.used_now(session, server.id, now) if pace.domains else {}
    named = {domain for domain in pace.domains if domain != ALL_OTHERS} | {domain for domain, _ in used}
    found = {
        domain: [
            _budget(span, used.get((domain, span), 0), bounds[span], now, domain)
            for bounds in (pace.domain_limits(domain),)
            for span in SPANS
            if span in bounds
        ]
        for domain in named
    }
    fullest = sorted(
        (domain for domain in found if found[domain]),
        key=lambda domain: (-max(one.share for one in found[domain]), domain),
    )
    shown = [one for domain in fullest[:SHOWN] for one in found[domain]]
    return shown, max(0, len(fullest) - SHOWN)


def _budget(span: str, used: int, limit: int, now: datetime, domain: str = "") -> Budget:
    ends = datetime.fromtimestamp(start_of(span, now) + LENGTHS[span], UTC)
    return Budget(span, used, limit, reserve(span, limit), ends, domain)
