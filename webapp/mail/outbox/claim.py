"""Takes mails out of the queue for one sender: fenced, within limits, and never somebody who is suppressed by now."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Integer, Select, bindparam, literal_column, select, text, update
from sqlalchemy.orm import Session

from webapp.among import among_numbers
from webapp.db import UtcDateTime, inserting
from webapp.mail import suppressions
from webapp.mail.models import LeaseCounter, MailContent, Mailing, OutboxMail, Restoration
from webapp.mail.outbox import domains, limits
from webapp.mail.outbox.counters import Deltas
from webapp.mail.outbox.rests import Rests
from webapp.mail.outbox.routing import Ways, sender_domain
from webapp.mail.ports import Server
from webapp.mail.states import Kind, MailingState, State
from webapp.mail.topics import topic_in_database

WAITING = text("outbox.state IN ('queued', 'deferred')")  # word for word the condition of the index
LARGEST = 1_000
_ROW = OutboxMail.__table__
ROUNDS = 10  # looks for other mails while those at the front are put off for their domain's sake
ORDINARY = 5  # the priority of announcements; what is below it overtakes them


@dataclass(frozen=True)
class Room:
    """A server that may be given mails, and how many its senders can take just now; `urgent`: operational ones beside."""

    server: Server
    count: int
    urgent: int = 0
    only: ColumnElement[bool] | None = None  # of the mails that this sender may take at all


@dataclass
class _Left:
    """What a server may still be given in this claim: `total`, and how many of these may be announcements."""

    total: int
    news: int
    only: ColumnElement[bool] | None = None

    def narrowed(self, wanted: Select[Any]) -> Select[Any]:
        return wanted if self.only is None else wanted.where(self.only)

    def of(self, *, urgent: bool) -> int:
        return self.total if urgent else min(self.news, self.total)

    def take(self, count: int, *, urgent: bool) -> None:
        self.total -= count
        self.news -= 0 if urgent else count


@dataclass(frozen=True)
class _Head:
    """The front of one queue for one server."""

    wanted: Select[Any]
    values: Mapping[str, object]
    server_id: int
    urgent: bool


class ClaimedMail(msgspec.Struct, frozen=True):
    """A row that is ours until `Claim.until`. `attempts` are those before this one.

    `created_at` is as the database driver gives it: the rows of a mailing share it, and `moment` turns it into a time.
    """

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
    created_at: datetime | str
    attempts: int
    barred: str | None  # why it must not be sent any more


_AS_IT_IS: Any = literal_column("outbox.created_at")
_COLUMNS: list[Any] = [
    *(getattr(OutboxMail, name) for name in ClaimedMail.__struct_fields__[:10]),
    *(_AS_IT_IS, OutboxMail.attempts),
]


# Made once: to put a statement together costs more than to execute it.
_UNCONFIRMED = select(Restoration.id).where(Restoration.confirmed_at.is_(None)).limit(1)
_DUE: dict[
    bool, Select[Any]
] = {  # whether some domain is barred as a whole: that is a second look for each mail
    domains: select(*_COLUMNS, suppressions.reason_for_row(domains=domains))
    .where(WAITING, OutboxMail.not_before <= bindparam("now", type_=UtcDateTime))
    .order_by(OutboxMail.priority, OutboxMail.not_before, OutboxMail.id)
    .limit(bindparam("count", type_=Integer))
    .with_for_update(skip_locked=True, of=OutboxMail)
    for domains in (False, True)
}
_OF_MAILING = {
    domains: due.where(OutboxMail.mailing_id == bindparam("of_mailing", type_=Integer))
    for domains, due in _DUE.items()
}
_ANY_SINGLE = (
    select(OutboxMail.id)
    .where(
        WAITING,
        OutboxMail.mailing_id.is_(None),
        OutboxMail.not_before <= bindparam("now", type_=UtcDateTime),
    )
    .limit(1)
)
_RUNNING = (
    select(Mailing.id, Mailing.server_id, Mailing.kind, Mailing.content_id)
    .where(Mailing.state == MailingState.RUNNING.value)
    .order_by((Mailing.kind == Kind.ANNOUNCEMENT.value), Mailing.id)
)
_HOLD = (
    update(_ROW)  # type: ignore[arg-type]
    .where(among_numbers(_ROW.c.id, "of_ids"))
    .values(
        state=State.SENDING.value,
        lease=bindparam("new_lease"),
        lease_sender=bindparam("new_sender"),
        lease_until=bindparam("new_until"),
        changed_at=bindparam("new_changed_at"),
    )
)
_NEXT_LEASE = (
    update(LeaseCounter.__table__)  # type: ignore[arg-type]
    .where(LeaseCounter.__table__.c.id == 1)
    .values(value=LeaseCounter.__table__.c.value + 1)
    .returning(LeaseCounter.__table__.c.value)
)


@lru_cache(maxsize=64)
def moment(created_at: datetime | str) -> datetime:
    """When a claimed mail was queued, in UTC."""
    plain = datetime.fromisoformat(created_at) if isinstance(created_at, str) else created_at
    return plain.replace(tzinfo=UTC) if plain.tzinfo is None else plain.astimezone(UTC)


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
    session.execute(inserting(session, LeaseCounter).values(id=1, value=0).on_conflict_do_nothing())


def claim(
    session: Session,
    rooms: Sequence[Room],
    *,
    sender_id: int,
    ways: Ways,
    slowed: Rests,
    now: datetime,
    lease_seconds: int,
) -> list[Claim]:
    """Claim what is due, operational mail first. The caller commits before anything is sent.

    `ways` says through which server each mail leaves, `slowed` which domains rest or recover.
    """
    if _is_unconfirmed(session):
        return []
    left = {room.server.id: _allowed(session, room, now) for room in rooms}
    until, deltas, lease = now + timedelta(seconds=lease_seconds), Deltas(), 0
    taken: dict[int, list[ClaimedMail]] = {}
    for _ in range(ROUNDS):
        found = _front(session, ways, left, now)
        if not found:
            break
        mails = [mail for _, some in found for mail in some]
        away = _bar(session, mails, deltas, now)
        put_off = _hold_back(session, rooms, found, away, slowed, left, now)
        away |= put_off
        lease = lease or _next_lease(session)
        _hold(session, [mail for mail in mails if mail.id not in away], deltas, lease, sender_id, until, now)
        for head, some in found:
            taken.setdefault(head.server_id, []).extend(mail for mail in some if mail.id not in away)
        if not put_off:
            break
    deltas.apply(session, now)
    return list(_claims(session, rooms, taken, lease, now, until))


def _is_unconfirmed(session: Session) -> bool:
    """Whether this is a restored database at which nobody has looked yet: see `restored`."""
    return session.connection().execute(_UNCONFIRMED).first() is not None


def _allowed(session: Session, room: Room, now: datetime) -> _Left:
    budget = limits.budget(session, room.server, now)
    most = min(room.count + room.urgent, LARGEST)
    news = min(room.count, LARGEST)
    return _Left(
        most if budget.total is None else min(most, budget.total),
        news if budget.news is None else min(news, budget.news),
        room.only,
    )


def _front(
    session: Session, ways: Ways, left: Mapping[int, _Left], now: datetime
) -> list[tuple[_Head, list[ClaimedMail]]]:
    """What may be taken from the front of each queue; `left` shrinks with it."""
    found = []
    for head in _heads(session, ways, left, now):
        count = left[head.server_id].of(urgent=head.urgent)
        mails = _take(session, head, count) if count > 0 else []
        if mails:
            left[head.server_id].take(len(mails), urgent=head.urgent)
            found.append((head, mails))
    return found


def _heads(session: Session, ways: Ways, left: Mapping[int, _Left], now: datetime) -> Iterator[_Head]:
    """The front of each queue: single mails, then the running mailings, operational ones first."""
    whole = suppressions.any_domain(session)
    if session.connection().execute(_ANY_SINGLE, {"now": now}).first() is not None:
        single = _DUE[whole].where(OutboxMail.mailing_id.is_(None))
        for urgent in (True, False):
            of_class = OutboxMail.priority < ORDINARY if urgent else OutboxMail.priority >= ORDINARY
            for server_id in left:
                wanted = single.where(of_class, ways.expression() == server_id)
                yield _Head(left[server_id].narrowed(wanted), {"now": now}, server_id, urgent)
    for mailing_id, named, kind, content_id in session.connection().execute(_RUNNING).all():
        domain = _sender_domain(session, content_id) if ways.rules and named is None else ""
        through = ways.of(kind, domain, named)
        if through is not None and through in left:
            of_mailing = {"now": now, "of_mailing": mailing_id}
            wanted = left[through].narrowed(_OF_MAILING[whole])
            yield _Head(wanted, of_mailing, through, kind == Kind.OPERATIONAL)


def _sender_domain(session: Session, content_id: int) -> str:
    content = session.get(MailContent, content_id)
    return sender_domain(content.draft) if content is not None else ""


def _take(session: Session, head: _Head, count: int) -> list[ClaimedMail]:
    found = session.connection().execute(head.wanted, {**head.values, "count": count})
    return [ClaimedMail(*row) for row in found.all()]


def _hold_back(
    session: Session,
    rooms: Sequence[Room],
    found: Sequence[tuple[_Head, list[ClaimedMail]]],
    away: set[int],
    slowed: Rests,
    left: Mapping[int, _Left],
    now: datetime,
) -> set[int]:
    """Put off what its recipient's domain does not take yet; others may go in its place."""
    put_off: set[int] = set()
    for room in rooms:
        server = room.server
        if not (server.pace.named or slowed.get(server.id)):
            continue
        asked = [(head, mail) for head, some in found if head.server_id == server.id for mail in some]
        mails = [mail for _, mail in asked if mail.id not in away]
        later = domains.hold_back(session, server, mails, slowed.get(server.id, {}), now)
        for head, mail in asked:
            if mail.id in later:
                left[server.id].take(-1, urgent=head.urgent)
        put_off |= later
    return put_off


def _bar(session: Session, mails: Sequence[ClaimedMail], deltas: Deltas, now: datetime) -> set[int]:
    """Give those who were suppressed since they were queued their final state."""
    barred: set[int] = set()
    for mail in mails:
        reason = mail.barred
        if reason is None and not mail.address.isascii():  # SQLite knows the small letters of ASCII only
            topic = session.scalar(select(topic_in_database()).where(MailContent.id == mail.content_id))
            reason = suppressions.reason_of(session, mail.address, mail.kind, topic or "")
        if reason is None:
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
    return int(session.connection().execute(_NEXT_LEASE).scalar_one())


def _hold(
    session: Session,
    mails: Sequence[ClaimedMail],
    deltas: Deltas,
    lease: int,
    sender_id: int,
    until: datetime,
    now: datetime,
) -> None:
    if not mails:
        return
    held = {"new_lease": lease, "new_sender": sender_id, "new_until": until, "new_changed_at": now}
    session.connection().execute(_HOLD, held | {"of_ids": [mail.id for mail in mails]})
    for (mailing_id, before), count in Counter((mail.mailing_id, mail.state) for mail in mails).items():
        deltas.move(mailing_id, before, State.SENDING, count)


def _claims(
    session: Session,
    rooms: Sequence[Room],
    taken: Mapping[int, Sequence[ClaimedMail]],
    lease: int,
    now: datetime,
    until: datetime,
) -> Iterator[Claim]:
    for room in rooms:
        mails = tuple(taken.get(room.server.id, ()))
        limits.use(session, room.server, len(mails), now)
        if mails:
            yield Claim(lease, room.server, mails, now, until)
