"""Clears old records away in small groups, each in a transaction of its own, so that the sender never waits for long."""

import threading
import time
from datetime import datetime, timedelta

from sqlalchemy import delete

from webapp.accounts import audit
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.retention.kinds import KINDS, Kind
from webapp.settings import store

GROUP = 500
BREATH = 0.05  # seconds between two groups, in which others get at the database
LONGEST = 600.0  # seconds of one run; the next one goes on


def clear(desk: Desk, stopping: threading.Event | None = None) -> dict[str, int]:
    """Clear away what is past its time; how many rows of each kind went. Leaves off when `stopping` is set."""
    ends = time.monotonic() + LONGEST
    with desk.reading() as session:
        identity = store.identity(session)
    gone: dict[str, int] = {}
    for kind in KINDS:
        days = int(getattr(identity, kind.setting) or 0)
        while days and time.monotonic() < ends:
            count = _clear_group(desk, kind, utcnow() - timedelta(days=days))
            gone[kind.setting] = gone.get(kind.setting, 0) + count
            if count < GROUP or (stopping or threading.Event()).wait(BREATH):
                break
    return {setting: count for setting, count in gone.items() if count}


def _clear_group(desk: Desk, kind: Kind, moment: datetime) -> int:
    with desk.reading() as session:  # looked for before the lock of those who write is taken
        ids = session.scalars(kind.older(moment).limit(GROUP)).all()
    if ids:
        with desk.session() as session:
            session.execute(
                delete(kind.table)
                .where(kind.table.__table__.c.id.in_(ids))
                .execution_options(synchronize_session=False)
            )
            if kind.audited:
                audit.record(session, "retention", "cleared away", kind.label, rows=len(ids))
    return len(ids)
