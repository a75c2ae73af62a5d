"""Adds up what no row is kept of: openings of messages, and hits that were refused."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.db import inserting
from webapp.settings import store
from webapp.tracking.models import OpenCount, RefusedHits
from webapp.tracking.spool import OPENED, Written


@dataclass(frozen=True)
class Opened:
    """How often the picture of a message was loaded: `direct`, a hint of people, and by proxies and programs."""

    direct: int = 0
    machines: int = 0


def add(session: Session, lines: Collection[Written]) -> None:
    """Each line once: the caller moves the mark of its file in the same transaction."""
    if not lines:
        return
    zone = store.identity(session).zone
    opened: Counter[tuple[int, str, bool]] = Counter()
    refused: Counter[str] = Counter()
    for line in lines:
        if line.link == OPENED:
            day = line.at.astimezone(zone).date().isoformat()
            opened[line.mail_id, day, bool(line.machine)] += 1
        else:
            refused[day_of(line.at)] += line.mail_id
    for (message, day, machine), hits in sorted(opened.items()):
        counts = {"direct": 0 if machine else hits, "machines": hits if machine else 0}
        insert = inserting(session, OpenCount).values(broadcast_id=message, day=day, **counts)
        more = {name: getattr(OpenCount, name) + getattr(insert.excluded, name) for name in counts}
        session.execute(insert.on_conflict_do_update(index_elements=["broadcast_id", "day"], set_=more))
    for day, hits in sorted(refused.items()):
        insert = inserting(session, RefusedHits).values(day=day, hits=hits)
        more = {"hits": RefusedHits.hits + insert.excluded.hits}
        session.execute(insert.on_conflict_do_update(index_elements=["day"], set_=more))


def day_of(moment: datetime) -> str:
    """The day (UTC) under which refused hits are counted."""
    return moment.astimezone(UTC).date().isoformat()


def of_message(session: Session, broadcast_id: int) -> Opened:
    row = session.execute(
        select(func.sum(OpenCount.direct), func.sum(OpenCount.machines)).where(
            OpenCount.broadcast_id == broadcast_id
        )
    ).one()
    return Opened(int(row[0] or 0), int(row[1] or 0))


def refused(session: Session, since: str) -> int:
    """Hits that were refused from that day (UTC) on."""
    return int(session.scalar(select(func.sum(RefusedHits.hits)).where(RefusedHits.day >= since)) or 0)
