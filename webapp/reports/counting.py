"""Counts each answer, event, opt-out and click once, for its day and month, by kind, server, domain, template and offer.

So no page counts mails, and what was counted stays when the mails are cleared away.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.among import among
from webapp.broadcasts.models import Broadcast
from webapp.broadcasts.reasons import title_of
from webapp.db import inserting
from webapp.desk import Desk
from webapp.guards import tally
from webapp.guards.following import SETTLED, Query, Source, Write, follow
from webapp.mail.models import Attempt, MailContent
from webapp.reports import sources
from webapp.reports.models import MailingReport, ReportSum
from webapp.settings import store

COLUMNS = (
    "accepted", "deferred", "failed", "unknown", "hard", "soft", "complained", "unsubscribed", "clicked", "clicks", "machines"
)  # fmt: skip
KIND, SERVER, DOMAIN, TEMPLATE, OFFER, REASON = FACETS = (
    "kind", "server", "domain", "template", "offer", "reason"
)  # fmt: skip
MESSAGE = "message"  # the template of mails that people wrote
Key = tuple[str, str, int, str]  # facet, span, owner, value
Columns = Callable[[Any], Iterable[str]]


@dataclass(frozen=True)
class _Told:
    """What the rows of one group do not say themselves."""

    zone: tzinfo
    owners: Mapping[int, int]
    offers: Mapping[int, str]
    servers: Mapping[int, int]

    def about(self, row: Any) -> tuple[str, int, tuple[tuple[str, str], ...]]:
        """Day, owner, and the value of each facet."""
        server = row.server_id if hasattr(row, "server_id") else self.servers.get(row.mail_id)
        facets = (
            (KIND, row.kind),
            (SERVER, str(server or 0)),
            (DOMAIN, row.address.rpartition("@")[2].lower()[:253]),
            (TEMPLATE, template_of(row.key)),
            (OFFER, self.offers.get(row.content_id, "")),
        )
        return day_of(row.at, self.zone), self.owners.get(row.mailing_id, 0), facets


def catch_up(desk: Desk, *, settled: timedelta | None = None) -> int:
    """Count whatever is new and has settled; how many rows that were."""
    return follow(desk, SOURCES, settled)


def day_of(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).date().isoformat()


def template_of(key: str) -> str:
    """Which template or event made a mail, by its key in the outbox: those of messages begin with a number."""
    begins = key.partition(":")[0]
    return MESSAGE if begins.isdigit() else begins


def _prepare(session: Session, rows: Sequence[Any], columns: Columns) -> Write:
    told = _told(session, rows)
    alike: Counter[Any] = Counter()
    for row in rows:
        heard = tuple(columns(row))
        if heard:
            reason = title_of(row.code, row.detail) if "failed" in heard else ""
            alike[*told.about(row), heard, reason] += 1
    mailings = Counter(row.mailing_id for row in rows if row.mailing_id in told.owners)
    return partial(_write, counts=_spread(alike), mailings=mailings)


def _spread(alike: Mapping[Any, int]) -> dict[Key, Counter[str]]:
    counts: dict[Key, Counter[str]] = {}
    for (day, owner, facets, heard, reason), count in alike.items():
        for facet, value in (*facets, *(((REASON, reason),) if reason else ())):
            for span in (day, month_of(day)):
                found = counts.setdefault((facet, span, owner, value), Counter())
                found.update(dict.fromkeys(heard, count))
    return counts


def month_of(day: str) -> str:
    """2026-11-25 → m2026-11, which stands before no day and after every one."""
    return f"m{day[:7]}"


def _told(session: Session, rows: Sequence[Any]) -> _Told:
    mailings = {row.mailing_id for row in rows if row.mailing_id is not None}
    owners = select(Broadcast.mailing_id, Broadcast.created_by).where(among(Broadcast.mailing_id, mailings))
    offers = select(MailContent.id, MailContent.offer).where(
        among(MailContent.id, {row.content_id for row in rows})
    )
    ids = [row.mail_id for row in rows if not hasattr(row, "server_id")]
    servers = (
        select(Attempt.mail_id, Attempt.server_id).where(among(Attempt.mail_id, ids)).order_by(Attempt.id)
    )
    return _Told(
        store.identity(session).zone,
        {row[0] or 0: row[1] or 0 for row in session.execute(owners)} if mailings else {},
        dict(session.execute(offers).all()),
        {row[0]: row[1] or 0 for row in session.execute(servers)} if ids else {},
    )


def _write(session: Session, counts: Mapping[Key, Mapping[str, int]], mailings: Mapping[int, int]) -> None:
    insert = inserting(session, ReportSum)
    added = {name: getattr(ReportSum, name) + getattr(insert.excluded, name) for name in COLUMNS}
    rows = [
        dict(zip(("facet", "span", "owner", "value"), key, strict=True))
        | {name: found.get(name, 0) for name in COLUMNS}
        for key, found in sorted(counts.items())
    ]
    if rows:
        keys = ["facet", "span", "owner", "value"]
        session.execute(insert.on_conflict_do_update(index_elements=keys, set_=added), rows)
    if mailings:
        hear = inserting(session, MailingReport)
        more = {"heard": MailingReport.heard + hear.excluded.heard}
        told = [
            {"mailing_id": one, "heard": count, "counted": -1, "totals": {}, "parts": {}}
            for one, count in sorted(mailings.items())
        ]
        session.execute(hear.on_conflict_do_update(index_elements=["mailing_id"], set_=more), told)


def _source(name: str, query: Query, columns: Columns, settled: timedelta = SETTLED) -> Source:
    return Source(f"reports.{name}", query, partial(_prepare, columns=columns), settled)


SOURCES = (
    _source("attempts", sources.attempts, sources.of_attempt),
    _source("events", tally.events, tally.of_event),
    _source("left", tally.departures, lambda _: ("unsubscribed",)),
    _source("clicks", sources.clicks, sources.of_click, sources.BURSTS_END),
)
