"""Limits and rests by recipient domain. What may not leave yet is put off, spread over the windows that come.

It costs something only for servers that have such limits or rests: a pass over the mails of one claim.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, bindparam, case, func, or_, select, text, update
from sqlalchemy.orm import Session

from webapp.among import among
from webapp.db import inserting
from webapp.mail.models import DomainWindow, OutboxMail
from webapp.mail.outbox import rests
from webapp.mail.outbox.limits import ALIGNED, SPANS, is_over, reserve, start_of
from webapp.mail.outbox.pace import domain_of
from webapp.mail.ports import Server
from webapp.mail.states import Kind

if TYPE_CHECKING:
    from webapp.mail.outbox.claim import ClaimedMail

SENDING = text("outbox.state = 'sending'")  # word for word the condition of the index
HANDFUL = 20  # mails to a domain that are in hand for each of its connections
LATEST = timedelta(minutes=15)  # a mail that was put off is looked at again then: the limits may have changed
Windows = dict[tuple[str, str], int]  # (domain, span) → used


@dataclass
class _Gate:
    """What one domain takes just now. After that, `every` seconds `step` more mails, from `opens` on."""

    left: int
    news: int
    opens: datetime
    step: int
    every: int
    put_off: int = 0

    def admits(self, kind: str) -> bool:
        if self.left <= 0 or (kind == Kind.ANNOUNCEMENT and self.news <= 0):
            return False
        self.left -= 1
        self.news -= kind == Kind.ANNOUNCEMENT
        return True

    def next_slot(self, now: datetime) -> datetime:
        slot = self.opens + timedelta(seconds=self.put_off // self.step * self.every)
        self.put_off += 1
        return min(slot, now + LATEST)


def hold_back(
    session: Session,
    server: Server,
    mails: Sequence["ClaimedMail"],
    slowed: Mapping[str, rests.Rest],
    now: datetime,
) -> set[int]:
    """Put off what its domain does not take yet, count the others; returns the ids of the former."""
    if not mails or not (server.pace.named or slowed):
        return set()
    domains = {mail.id: domain_of(mail.address) for mail in mails}
    limits = {domain: server.pace.domain_limits(domain) for domain in set(domains.values())}
    windows = _locked(session, server.id, limits, now)
    narrow = {domain: server.pace.connections_to(domain) for domain in limits}
    busy = _on_their_way(session) if slowed or any(narrow.values()) else Counter()
    gates = {
        domain: _gate(domain, limits[domain], windows, narrow[domain], slowed.get(domain), busy[domain], now)
        for domain in limits
        if limits[domain] or narrow[domain] or domain in slowed
    }
    later: dict[int, datetime] = {}
    for mail in mails:
        gate = gates.get(domains[mail.id])
        if gate is not None and not gate.admits(mail.kind):
            later[mail.id] = gate.next_slot(now)
    left = Counter(domains[mail.id] for mail in mails if mail.id not in later)
    _store(session, server.id, windows, left, now)
    _put_off(session, later)
    return set(later)


def give_back(session: Session, server_id: int, mail_ids: Iterable[int], claimed_at: datetime) -> None:
    """Return what was claimed and did not leave, if its window still runs."""
    if (
        session.scalar(select(DomainWindow.server_id).where(DomainWindow.server_id == server_id).limit(1))
        is None
    ):
        return
    addresses = session.scalars(select(OutboxMail.address).where(among(OutboxMail.id, sorted(mail_ids))))
    for domain, count in sorted(Counter(map(domain_of, addresses)).items()):
        for span in ("day", "hour", "minute"):
            session.execute(
                update(DomainWindow)
                .where(
                    DomainWindow.server_id == server_id,
                    DomainWindow.domain == domain,
                    DomainWindow.span == span,
                    DomainWindow.starts_at == start_of(span, claimed_at),
                )
                .values(used=case((DomainWindow.used >= count, DomainWindow.used - count), else_=0))
                .execution_options(synchronize_session=False)
            )


def used_now(session: Session, server_id: int, now: datetime) -> Windows:
    """What was used of the windows that run now, for people to see. Locks nothing."""
    running = [
        and_(DomainWindow.span == span, DomainWindow.starts_at == start_of(span, now)) for span in ALIGNED
    ]
    rows = session.scalars(select(DomainWindow).where(DomainWindow.server_id == server_id, or_(*running)))
    return {(row.domain, row.span): row.used for row in rows}


def _gate(
    domain: str,
    limits: Mapping[str, int],
    windows: Windows,
    connections: int | None,
    rest: rests.Rest | None,
    busy: int,
    now: datetime,
) -> _Gate:
    """The narrowest of its limits decides; `busy` mails are in hand. A domain that recovers gets few at a time, and one
    with few connections no more than these soon send: its other mails would keep those to other domains waiting.
    """
    gate = _Gate(left=2**31, news=2**31, opens=now, step=1, every=1)
    for span, limit in limits.items():
        left = max(0, limit - windows[domain, span])
        if left < gate.left:
            length = SPANS[span]
            opens = now + timedelta(seconds=length - int(now.timestamp()) % length)
            gate = _Gate(left, max(0, left - reserve(span, limit)), opens, limit, length)
    if rest is not None and rest.until > now:
        return _Gate(0, 0, rest.until, 1, 1)
    if rest is not None:
        gate = _at_a_time(gate, rest.allowed, busy, now)
    if connections is not None:
        gate = _at_a_time(gate, connections * HANDFUL, busy, now)
    return gate


def _at_a_time(gate: _Gate, most: int, busy: int, now: datetime) -> _Gate:
    room = max(0, most - busy)
    if room >= gate.left:
        return gate
    return _Gate(room, min(room, gate.news), now + timedelta(seconds=1), max(1, most), 1)


def goes_to(domain: str) -> ColumnElement[bool]:
    """Whether a row of the outbox is for this recipient domain."""
    return func.lower(OutboxMail.address).endswith(f"@{domain}", autoescape=True)


def _on_their_way(session: Session) -> Counter[str]:
    """Mails that senders hold, by domain; the index has only mails that are being sent."""
    return Counter(map(domain_of, session.scalars(select(OutboxMail.address).where(SENDING))))


def _locked(
    session: Session, server_id: int, limits: Mapping[str, Mapping[str, int]], now: datetime
) -> Windows:
    """The windows of these domains, in one order so that no two senders wait for each other."""
    wanted = sorted((domain, span) for domain, spans in limits.items() for span in spans)
    if not wanted:
        return {}
    found = _read(session, server_id, limits, now)
    missing = [key for key in wanted if key not in found]
    if missing:
        fresh = [
            {"server_id": server_id, "domain": d, "span": s, "starts_at": 0, "used": 0} for d, s in missing
        ]
        session.execute(inserting(session, DomainWindow).on_conflict_do_nothing(), fresh)
        found = _read(session, server_id, limits, now)
    return {key: found.get(key, 0) for key in wanted}


def _read(session: Session, server_id: int, domains: Iterable[str], now: datetime) -> Windows:
    wanted = (
        select(DomainWindow.domain, DomainWindow.span, DomainWindow.starts_at, DomainWindow.used)
        .where(DomainWindow.server_id == server_id, DomainWindow.domain.in_(sorted(domains)))
        .order_by(DomainWindow.domain, DomainWindow.span)
        .with_for_update()
    )
    rows = session.connection().execute(wanted)
    return {
        (domain, span): 0 if is_over(span, starts_at, now) else used for domain, span, starts_at, used in rows
    }


def _store(
    session: Session, server_id: int, windows: Windows, left: Mapping[str, int], now: datetime
) -> None:
    """All of them in one go."""
    changed = [
        {"of_domain": domain, "of_span": span, "now_used": used + left[domain], "since": start_of(span, now)}
        for (domain, span), used in windows.items()
        if left.get(domain)
    ]
    if changed:
        window = DomainWindow.__table__
        counting = (
            update(window)  # type: ignore[arg-type]
            .where(
                window.c.server_id == server_id,
                window.c.domain == bindparam("of_domain"),
                window.c.span == bindparam("of_span"),
            )
            .values(used=bindparam("now_used"), starts_at=bindparam("since"))
        )
        session.connection().execute(counting, changed)


def _put_off(session: Session, later: Mapping[int, datetime]) -> None:
    """One statement a moment; a claim knows few of them."""
    moments: dict[datetime, list[int]] = {}
    for mail_id, moment in later.items():
        moments.setdefault(moment, []).append(mail_id)
    for moment, ids in moments.items():
        session.execute(
            update(OutboxMail)
            .where(among(OutboxMail.id, ids))
            .values(not_before=moment)
            .execution_options(synchronize_session=False)
        )
