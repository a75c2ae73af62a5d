"""The budget of a mail server: so many mails a second, minute, hour and day, counted where all senders see it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.db import inserting
from webapp.mail.models import RateWindow
from webapp.mail.outbox.pace import Pace
from webapp.mail.ports import Server

SPANS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
ALIGNED = (
    "minute",
    "hour",
    "day",
)  # as the clock names them; a second begins with its first mail, in milliseconds
RESERVE = 0.05  # the part of each budget that announcements leave to operational mail


@dataclass
class Budget:
    """Mails that may still leave: `total` of any class, of which announcements may be `news`. None: no limit."""

    total: int | None = None
    news: int | None = None


class Limited(Protocol):
    """A server, as far as its plain limits go."""

    @property
    def max_per_second(self) -> int | None: ...
    @property
    def max_per_minute(self) -> int | None: ...
    @property
    def max_per_hour(self) -> int | None: ...
    @property
    def max_per_day(self) -> int | None: ...


def limits_of(server: Limited, now: datetime, pace: Pace) -> dict[str, int]:
    """The limits that hold now, by span; the day's may come from the warm-up plan."""
    every = {span: getattr(server, f"max_per_{span}") for span in SPANS}
    limits = {span: limit for span, limit in every.items() if limit is not None}
    if pace.warm_up is not None:
        planned = pace.warm_up.budget(now.date())
        limits["day"] = min(planned, limits.get("day", planned))
    return limits


def reserve(span: str, limit: int) -> int:
    """How much of a limit is kept for operational mail: 5 %, at least one mail.

    Nothing of a limit of one, which would stop all announcements; and no least of a second, as the next one is never far.
    """
    if limit <= 1:
        return 0
    return int(limit * RESERVE) if span == "second" else max(1, int(limit * RESERVE))


def budget(session: Session, server: Server, now: datetime) -> Budget:
    """What may still leave in the windows that run now. Locks the windows."""
    limits = limits_of(server, now, server.pace)
    found = Budget()
    for window in _windows(session, server.id, list(limits)):
        if is_over(window.span, window.starts_at, now):
            window.starts_at, window.used = start_of(window.span, now), 0
        limit = limits[window.span]
        left = max(0, limit - window.used)
        news = max(0, left - reserve(window.span, limit))
        found.total = left if found.total is None else min(found.total, left)
        found.news = news if found.news is None else min(found.news, news)
    session.flush()
    if server.pace.hours is not None and not server.pace.hours.open_at(now):
        found.news = 0
    return found


def closes_in(server: Server, now: datetime) -> float:
    """Seconds until the first of its windows ends: what was claimed in one may not leave in the next, which has its own."""
    spans = {
        *limits_of(server, now, server.pace),
        *(span for limits in server.pace.domains.values() for span in limits),
    }
    second = now.timestamp()
    return min(
        (SPANS[span] - second % SPANS[span] for span in spans if span in ALIGNED), default=float("inf")
    )


def use(session: Session, server: Server, count: int, now: datetime) -> None:
    """Take `count` mails off the windows that `budget` has just looked at."""
    spans = list(limits_of(server, now, server.pace))
    if spans and count:
        for window in _windows(session, server.id, spans):
            window.used += count
        session.flush()


def give_back(session: Session, server_id: int, count: int, claimed_at: datetime) -> None:
    """Return what was claimed and did not leave, if its window still runs."""
    for span in ALIGNED:
        session.execute(
            update(RateWindow)
            .where(
                RateWindow.server_id == server_id,
                RateWindow.span == span,
                RateWindow.starts_at == start_of(span, claimed_at),
                RateWindow.used >= count,
            )
            .values(used=RateWindow.used - count)
            .execution_options(synchronize_session=False)
        )


def used_now(session: Session, server_id: int, now: datetime) -> dict[str, int]:
    """What was used of the windows that run now, for people to see. Locks nothing."""
    rows = session.scalars(select(RateWindow).where(RateWindow.server_id == server_id))
    return {row.span: 0 if is_over(row.span, row.starts_at, now) else row.used for row in rows}


def _windows(session: Session, server_id: int, spans: list[str]) -> list[RateWindow]:
    if not spans:
        return []
    wanted = (
        select(RateWindow)
        .where(RateWindow.server_id == server_id, RateWindow.span.in_(spans))
        .order_by(RateWindow.span)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = list(session.scalars(wanted))
    if len(found) < len(spans):
        rows = [{"server_id": server_id, "span": span, "starts_at": 0, "used": 0} for span in spans]
        session.execute(inserting(session, RateWindow).values(rows).on_conflict_do_nothing())
        found = list(session.scalars(wanted))
    return found


def is_over(span: str, starts_at: int, now: datetime) -> bool:
    """Whether another window of this span runs by now."""
    starts = start_of(span, now)
    if span in ALIGNED:
        return starts_at != starts
    return not starts_at <= starts < starts_at + 1_000


def start_of(span: str, moment: datetime) -> int:
    """When the window began in which this moment lies, in seconds; of a second, the moment itself in milliseconds."""
    if span not in ALIGNED:
        return int(moment.timestamp() * 1_000)
    length = SPANS[span]
    return int(moment.timestamp()) // length * length
