"""Takes mails out of the queue for one sender: fenced, within limits, and never somebody who is suppressed by now."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Select, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from webapp.among import among
from webapp.mail import suppressions
from webapp.mail.models import LeaseCounter, Mailing, OutboxMail, Restoration
from webapp.mail.outbox import limits
from webapp.mail.outbox.counters import Deltas
from webapp.mail.ports import Server
from webapp.mail.states import Kind, MailingState, State

WAITING = text("outbox.state IN ('queued', 'deferred')")  # word for word the condition of the index
LARGEST = 1_000
_ROW = OutboxMail.__table__


@dataclass(frozen=True)
class Room:
    """A server that may be given mails, and how many its senders can take just now."""

    server: Server
    count: int


class ClaimedMail(msgspec.Struct, frozen=True):
    """A row that is ours until `Claim.until`. `attempts` are those before this one."""

    id: int
    key: str
    mailing_id: int | None
    content_id: int
    recipient_id: int | None
    address: str
    kind: str
    state: str
    server_id: int | None
    values: str | None
    created_at: datetime
    attempts: int


@dataclass(frozen=True)
class Claim:
    """Mails for one server under one fencing number."""

    lease: int
    server: Server
    mails: tuple[ClaimedMail, ...]
    claimed_at: datetime
    until: datetime


def prepare(session: Session) -> None:
    """Make the one row from which the fencing numbers come."""
    insert = insert_postgresql if session.get_bind().dialect.name == "postgresql" else insert_sqlite
    session.execute(insert(LeaseCounter).values(id=1, value=0).on_conflict_do_nothing())


def claim(
    session: Session,
    rooms: Sequence[Room],
    *,
    sender_id: int,
    default_id: int | None,
    now: datetime,
    lease_seconds: int,
) -> list[Claim]:
    """Claim what is due, operational mail first. The caller commits before anything is sent."""
    if _is_unconfirmed(session):
        return []
    left = {room.server.id: _allowed(session, room, now) for room in rooms}
    taken: dict[int, list[ClaimedMail]] = {}
    for wanted, server_ids in _heads(session, default_id, left, now):
        for mail in _take(session, wanted, server_ids, left, default_id):
            taken.setdefault(mail.server_id or default_id or 0, []).append(mail)
    mails = [mail for some in taken.values() for mail in some]
    if not mails:
        return []
    deltas = Deltas()
    barred = _bar(session, mails, deltas, now)
    lease, until = _next_lease(session), now + timedelta(seconds=lease_seconds)
    _hold(session, [mail for mail in mails if mail.id not in barred], deltas, lease, sender_id, until, now)
    deltas.apply(session, now)
    return list(_claims(session, rooms, taken, barred, lease, now, until))


def _is_unconfirmed(session: Session) -> bool:
    """Whether this is a restored database at which nobody has looked yet: see `restored`."""
    waiting = select(Restoration.id).where(Restoration.confirmed_at.is_(None)).limit(1)
    return session.scalar(waiting) is not None


def next_due(session: Session) -> datetime | None:
    """When the earliest waiting mail is due, for a sender that has nothing to do."""
    return session.scalar(select(func.min(OutboxMail.not_before)).where(WAITING))


def _allowed(session: Session, room: Room, now: datetime) -> int:
    budget = limits.budget(session, room.server, now)
    return min(room.count, LARGEST) if budget is None else min(room.count, LARGEST, budget)


def _heads(
    session: Session, default_id: int | None, left: Mapping[int, int], now: datetime
) -> Iterator[tuple["Select[*tuple[object, ...]]", set[int]]]:
    """The front of each queue: single mails, then the running mailings, operational ones first."""
    yield _due(now).where(OutboxMail.mailing_id.is_(None)), set(left)
    running = (
        select(Mailing.id, Mailing.server_id)
        .where(Mailing.state == MailingState.RUNNING.value)
        .order_by((Mailing.kind == Kind.ANNOUNCEMENT.value), Mailing.id)
    )
    for mailing_id, server_id in session.execute(running).all():
        effective = server_id if server_id is not None else default_id
        if effective is not None and left.get(effective, 0) > 0:
            yield _due(now).where(OutboxMail.mailing_id == mailing_id), {effective}


def _due(now: datetime) -> "Select[*tuple[object, ...]]":
    columns = [getattr(OutboxMail, name) for name in ClaimedMail.__struct_fields__]
    return (
        select(*columns)
        .where(WAITING, OutboxMail.not_before <= now)
        .order_by(OutboxMail.priority, OutboxMail.not_before, OutboxMail.id)
    )


def _take(
    session: Session,
    wanted: "Select[*tuple[object, ...]]",
    server_ids: set[int],
    left: dict[int, int],
    default_id: int | None,
) -> Iterator[ClaimedMail]:
    open_ids = {server_id for server_id in server_ids if left[server_id] > 0}
    if not open_ids:
        return
    most = sum(left[server_id] for server_id in open_ids)
    effective = func.coalesce(OutboxMail.server_id, default_id if default_id is not None else -1)
    wanted = wanted.where(effective.in_(open_ids)).limit(most)
    rows = session.connection().execute(wanted.with_for_update(skip_locked=True, of=OutboxMail))
    for row in rows:
        mail = ClaimedMail(*row)  # type: ignore[arg-type]
        server_id = mail.server_id if mail.server_id is not None else default_id
        if server_id is not None and left.get(server_id, 0) > 0:
            left[server_id] -= 1
            yield mail


def _bar(session: Session, mails: Sequence[ClaimedMail], deltas: Deltas, now: datetime) -> set[int]:
    """Give those who were suppressed since they were queued their final state."""
    barred: set[int] = set()
    for kind in {mail.kind for mail in mails}:
        reasons = suppressions.reasons_of(
            session, (mail.address for mail in mails if mail.kind == kind), kind
        )
        for mail in mails:
            reason = reasons.get(suppressions.normal(mail.address))
            if mail.kind != kind or reason is None:
                continue
            session.execute(
                update(OutboxMail)
                .where(OutboxMail.id == mail.id)
                .values(state=State.SUPPRESSED.value, reason=reason, changed_at=now, values=None)
                .execution_options(synchronize_session=False)
            )
            deltas.move(mail.mailing_id, mail.state, State.SUPPRESSED)
            barred.add(mail.id)
    return barred


def _next_lease(session: Session) -> int:
    raised = update(LeaseCounter).where(LeaseCounter.id == 1).values(value=LeaseCounter.value + 1)
    return session.scalars(
        raised.returning(LeaseCounter.value).execution_options(synchronize_session=False)
    ).one()


def _hold(
    session: Session,
    mails: Sequence[ClaimedMail],
    deltas: Deltas,
    lease: int,
    sender_id: int,
    until: datetime,
    now: datetime,
) -> None:
    held = {
        "state": State.SENDING.value,
        "lease": lease,
        "lease_sender": sender_id,
        "lease_until": until,
        "changed_at": now,
    }
    ours = update(_ROW).where(among(_ROW.c.id, [mail.id for mail in mails]))  # type: ignore[arg-type]
    session.connection().execute(ours.values(**held))
    for (mailing_id, before), count in Counter((mail.mailing_id, mail.state) for mail in mails).items():
        deltas.move(mailing_id, before, State.SENDING, count)


def _claims(
    session: Session,
    rooms: Sequence[Room],
    taken: Mapping[int, Sequence[ClaimedMail]],
    barred: set[int],
    lease: int,
    now: datetime,
    until: datetime,
) -> Iterator[Claim]:
    for room in rooms:
        mails = tuple(mail for mail in taken.get(room.server.id, ()) if mail.id not in barred)
        limits.use(session, room.server, len(mails))
        if mails:
            yield Claim(lease, room.server, mails, now, until)
