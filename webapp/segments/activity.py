"""Keeps the latest mail, click, bounce and complaint of each affiliate: read behind a mark, in small groups, each row once.

What is told within the last seconds waits for the next time, since another process may still write a row with a smaller number.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from webapp.affiliates.models import Affiliate
from webapp.among import among
from webapp.db import inserting, utcnow
from webapp.desk import Desk
from webapp.mail.clicks import Click
from webapp.mail.events import Happened, MailEvent
from webapp.mail.models import Attempt, OutboxMail
from webapp.segments.models import ActivityMark, AffiliateActivity

GROUP = 3_000
SETTLED = timedelta(seconds=20)
JUDGED = timedelta(minutes=5)  # until then a click may still turn out to be a machine's
LONGEST = 20.0  # seconds of one run; the next one goes on
COLUMNS = ("mailed_at", "clicked_at", "bounced_at", "complained_at")
Latest = dict[int, dict[str, datetime]]
Query = Callable[[int], Select[*tuple[Any, ...]]]


def catch_up(desk: Desk, *, settled: timedelta = SETTLED) -> int:
    """Read whatever is new and older than `settled`; how many rows that were."""
    ends, total = time.monotonic() + LONGEST, 0
    for source, query, column_of in SOURCES:
        until = utcnow() - (max(settled, JUDGED) if settled and source == "clicks" else settled)
        while time.monotonic() < ends and not desk.jobs.stopping.is_set():
            read = _some(desk, source, query, column_of, until)
            total += read
            if read < GROUP:
                break
    return total


def _some(desk: Desk, source: str, query: Query, column_of: Callable[[Any], str], until: datetime) -> int:
    """Read without a lock; then write if nobody else has read them meanwhile."""
    with desk.reading() as session:
        mark = session.get(ActivityMark, source)
        after = mark.last_id if mark else 0
        rows = list(takewhile(lambda row: row.at <= until, session.execute(query(after).limit(GROUP))))
    if not rows:
        return 0
    with desk.session() as session:
        mark = session.get(ActivityMark, source, with_for_update=True) or ActivityMark(
            source=source, last_id=0
        )
        if mark.last_id == after:
            _keep(session, _latest(rows, column_of))
            mark.last_id = rows[-1].id
            session.add(mark)
    return len(rows)


def _latest(rows: Iterable[Any], column_of: Callable[[Any], str]) -> Latest:
    found: Latest = {}
    for row in rows:
        if row.recipient_id is not None:
            own, column = found.setdefault(row.recipient_id, {}), column_of(row)
            own[column] = max(row.at, own.get(column, row.at))
    return found


def _keep(session: Session, latest: Latest) -> None:
    """The later moment of both stays. Who was erased meanwhile has no row."""
    there = (
        set(session.scalars(select(Affiliate.id).where(among(Affiliate.id, latest.keys())))) if latest else ()
    )
    rows: list[Mapping[str, Any]] = [
        {"affiliate_id": number, **dict.fromkeys(COLUMNS), **latest[number]} for number in sorted(there)
    ]
    if not rows:
        return
    insert = inserting(session, AffiliateActivity)
    greatest = func.max if session.get_bind().dialect.name == "sqlite" else func.greatest
    kept = {
        name: greatest(
            func.coalesce(getattr(AffiliateActivity, name), getattr(insert.excluded, name)),
            func.coalesce(getattr(insert.excluded, name), getattr(AffiliateActivity, name)),
        )
        for name in COLUMNS
    }
    session.execute(insert.on_conflict_do_update(index_elements=["affiliate_id"], set_=kept), rows)


def _attempts(after: int) -> Select[*tuple[Any, ...]]:
    rows = select(Attempt.id, Attempt.at, OutboxMail.recipient_id)
    rows = rows.join(OutboxMail, OutboxMail.id == Attempt.mail_id)
    return rows.where(Attempt.id > after, Attempt.status == "accepted").order_by(Attempt.id)


def _clicks(after: int) -> Select[*tuple[Any, ...]]:
    rows = select(Click.id, Click.at, OutboxMail.recipient_id)
    rows = rows.join(OutboxMail, OutboxMail.id == Click.mail_id)
    return rows.where(Click.id > after, Click.machine == "").order_by(Click.id)


def _events(after: int) -> Select[*tuple[Any, ...]]:
    """Those that a forger can't have made."""
    rows = select(MailEvent.id, MailEvent.at, MailEvent.kind, OutboxMail.recipient_id)
    rows = rows.join(OutboxMail, OutboxMail.id == MailEvent.mail_id)
    told = MailEvent.verified, MailEvent.kind.in_((Happened.BOUNCED.value, Happened.COMPLAINED.value))
    return rows.where(MailEvent.id > after, *told).order_by(MailEvent.id)


SOURCES: tuple[tuple[str, Query, Callable[[Any], str]], ...] = (
    ("attempts", _attempts, lambda _: "mailed_at"),
    ("clicks", _clicks, lambda _: "clicked_at"),
    ("events", _events, lambda row: f"{row.kind}_at"),
)
