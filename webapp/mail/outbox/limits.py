"""The budget of a mail server: so many mails a second, minute, hour and day, counted where all senders see it."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from webapp.mail.models import RateWindow
from webapp.mail.ports import Server

SPANS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
ALIGNED = (
    "minute",
    "hour",
    "day",
)  # as the clock names them; a second begins with its first mail, in milliseconds


def limits_of(server: Server) -> dict[str, int]:
    """The limits that are set, by span."""
    every = {span: getattr(server, f"max_per_{span}") for span in SPANS}
    return {span: limit for span, limit in every.items() if limit is not None}


def budget(session: Session, server: Server, now: datetime) -> int | None:
    """How many mails may still leave in the windows that run now; None without limits. Locks the windows."""
    left: list[int] = []
    limits = limits_of(server)
    for window in _windows(session, server.id, list(limits)):
        if _is_over(window, now):
            window.starts_at, window.used = _start(window.span, now), 0
        left.append(max(0, limits[window.span] - window.used))
    session.flush()
    return min(left) if left else None


def use(session: Session, server: Server, count: int) -> None:
    """Take `count` mails off the windows that `budget` has just looked at."""
    spans = list(limits_of(server))
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
                RateWindow.starts_at == _start(span, claimed_at),
                RateWindow.used >= count,
            )
            .values(used=RateWindow.used - count)
            .execution_options(synchronize_session=False)
        )


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
        insert = insert_postgresql if session.get_bind().dialect.name == "postgresql" else insert_sqlite
        session.execute(insert(RateWindow).values(rows).on_conflict_do_nothing())
        found = list(session.scalars(wanted))
    return found


def _is_over(window: RateWindow, now: datetime) -> bool:
    starts = _start(window.span, now)
    if window.span in ALIGNED:
        return window.starts_at != starts
    return not window.starts_at <= starts < window.starts_at + 1_000


def _start(span: str, moment: datetime) -> int:
    if span not in ALIGNED:
        return int(moment.timestamp() * 1_000)
    length = SPANS[span]
    return int(moment.timestamp()) // length * length
