"""What of a server's limits is used just now, and what rests: for its page and for the command line."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.mail.models import ServerRest
from webapp.mail.outbox import domains
from webapp.mail.outbox.limits import limits_of, used_now
from webapp.mail.outbox.pace import ALL_OTHERS, Pace
from webapp.settings import limits, store
from webapp.settings.models import MailServer

SPANS = ("day", "hour", "minute")  # that of a second is over before anybody reads it


@dataclass(frozen=True)
class Budget:
    """One window that runs now. `domain` is empty for the server's own."""

    span: str
    used: int
    limit: int
    domain: str = ""

    @property
    def share(self) -> float:
        """How much of it is used, from 0 to 1."""
        return min(1.0, self.used / self.limit) if self.limit else 1.0


@dataclass(frozen=True)
class Standing:
    """How a server stands: its budgets, what rests or recovers, and whether announcements may leave at this hour."""

    budgets: list[Budget]
    rests: list[ServerRest]
    hours: str
    in_hours: bool
    warming: bool


def standing(session: Session, server: MailServer, now: datetime) -> Standing:
    """As of now. Locks nothing."""
    pace = limits.pace_of(server, store.identity(session).zone if server.hours else UTC)
    wanted = select(ServerRest).where(ServerRest.server_id == server.id).order_by(ServerRest.domain)
    rests = list(session.scalars(wanted.execution_options(populate_existing=True)))
    return Standing(
        budgets=[*_own(session, server, pace, now), *_of_domains(session, server, pace, now)],
        rests=rests,
        hours=server.hours,
        in_hours=pace.hours is None or pace.hours.open_at(now),
        warming=pace.warm_up is not None,
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


def _own(session: Session, server: MailServer, pace: Pace, now: datetime) -> list[Budget]:
    bounds = limits_of(server, now, pace)
    used = used_now(session, server.id, now)
    return [Budget(span, used.get(span, 0), bounds[span]) for span in SPANS if span in bounds]


def _of_domains(session: Session, server: MailServer, pace: Pace, now: datetime) -> list[Budget]:
    used = domains.used_now(session, server.id, now) if pace.domains else {}
    named = {domain for domain in pace.domains if domain != ALL_OTHERS} | {domain for domain, _ in used}
    return [
        Budget(span, used.get((domain, span), 0), bounds[span], domain)
        for domain in sorted(named)
        for bounds in (pace.domain_limits(domain),)
        for span in SPANS
        if span in bounds
    ]
