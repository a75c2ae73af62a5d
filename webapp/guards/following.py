"""Reads what is new in a table that only grows, once, in small groups, behind a mark: so sums are made of it beside the sender.

What is told within the last seconds waits for the next time, since another process may still be writing a row with a
smaller number. No number of such a table ever comes back, so rows that are erased or cleared away change nothing here.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from webapp.db import utcnow
from webapp.desk import Desk
from webapp.guards.models import TallyMark

GROUP = 3_000  # rows that are read; they come to fewer that are written
SETTLED = timedelta(seconds=20)
LONGEST = 20.0  # seconds of one run; the next one goes on
Query = Callable[[int], Select[*tuple[Any, ...]]]
Write = Callable[[Session], None]
Prepare = Callable[[Session, Sequence[Any]], Write]


@dataclass(frozen=True)
class Source:
    """`query(after)` yields rows with `id` and `at`, the oldest first. `prepare` reads what else it needs of them,
    without a lock, and gives back what writes the sums; that runs in the transaction that moves the mark `name`.
    """

    name: str
    query: Query
    prepare: Prepare
    settled: timedelta = SETTLED


def follow(desk: Desk, sources: Sequence[Source], settled: timedelta | None = None) -> int:
    """Take in whatever is new and older than `settled`; how many rows that were."""
    ends, total = time.monotonic() + LONGEST, 0
    for source in sources:
        until = utcnow() - (source.settled if settled is None else settled)
        while time.monotonic() < ends:
            read = _group(desk, source, until)
            total += read
            if read < GROUP:
                break
    return total


def _group(desk: Desk, source: Source, until: datetime) -> int:
    """Read without a lock; then write if nobody else has counted meanwhile."""
    with desk.reading() as session:
        mark = session.get(TallyMark, source.name)
        after = mark.last_id if mark else 0
        new = session.execute(source.query(after).limit(GROUP))
        rows = list(takewhile(lambda row: row.at <= until, new))
        if not rows:
            return 0
        write = source.prepare(session, rows)
    with desk.session() as session:
        mark = session.get(TallyMark, source.name, with_for_update=True) or TallyMark(
            source=source.name, last_id=0
        )
        if mark.last_id == after:
            write(session)
            mark.last_id, mark.last_at = rows[-1].id, rows[-1].at
            session.add(mark)
    return len(rows)
