"""Decides how many mails each server's lanes can take, claims them and hands them to the children."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from transports.errors import TransportError
from webapp.db import utcnow
from webapp.mail import heartbeat
from webapp.mail.dkim.signers import PlainKeys
from webapp.mail.models import MailContent, Mailing, OutboxMail
from webapp.mail.outbox import control, limits, rests
from webapp.mail.outbox.claim import LARGEST, WAITING, Claim, ClaimedMail, Room, claim
from webapp.mail.outbox.record import record
from webapp.mail.outbox.routing import Ways
from webapp.mail.ports import Server
from webapp.mail.sender import slowing
from webapp.mail.sender.dispatch import Dispatch
from webapp.mail.sender.health import Health
from webapp.mail.sender.messages import Probe
from webapp.mail.sender.office import Office
from webapp.mail.sender.orders import Content, Job, Through
from webapp.mail.sender.results import BACK, Result
from webapp.mail.sender.shares import Shares, part_of, told
from webapp.mail.sender.worker import Worker
from webapp.mail.signing.ring import KeyRing
from webapp.mail.states import Kind, MailingState, State

NOBODY = "postmaster@localhost"  # the sender of a question while nothing was ever written
NEW = timedelta(seconds=10)  # until the others have made room at domains with few connections
EXPRESS = 20  # operational mails that wait for the connection of their own


@dataclass(frozen=True)
class Delivery:
    """A claim that is committed and can be handed over."""

    claim: Claim
    jobs: Sequence[Job]
    contents: Mapping[int, Content]
    keys: PlainKeys = field(repr=False)


class Feeder:
    """Claims for all children of one parent. Servers and keys that it has read are kept until it is told to `forget`."""

    def __init__(self, office: Office, sender_id: int) -> None:
        self._office, self._sender_id = office, sender_id
        self.paced = False  # a server with a limit by the second wants to be looked at often
        self.slowed: rests.Rests = {}  # as of the last claim
        self.questions: list[tuple[Worker, Probe]] = []  # to be asked after the commit
        self._shares: dict[int, Shares] = {}  # as of the last claim
        self._express: set[int] = (
            set()
        )  # servers of which this sender keeps a connection for operational mail
        self._ring = KeyRing(office.desk.vault)
        self._ways: Ways | None = None
        self._named: set[int] = set()
        self._servers: dict[int, Server | None] = {}
        self._keys: PlainKeys | None = None
        self._dispatch = Dispatch(office.desk.vault, office.values, office.desk.config.public_url)

    def forget(self) -> None:
        """Read servers and keys again at the next claim: somebody may have changed them."""
        self._ways, self._keys = None, None
        self._servers.clear()

    def claim(
        self, session: Session, workers: Sequence[Worker], healths: dict[int, Health], barred: set[int]
    ) -> tuple[list[Delivery], set[int]]:
        """What may be handed over after the commit, and the servers for which more may wait. `barred` ones get nothing."""
        now = utcnow()
        self.slowed = slowing.settle(session, healths, self._office.desk.config.rest_seconds, now)
        opened, ways = self._opened(session, healths, barred, now)
        self.questions = []
        rooms = [self._room(session, server, workers, healths[server.id]) for server in opened]
        hungry = {room.server.id for room in rooms if _is_full(room.server.id, workers)}
        rooms = [room for room in rooms if room.count > 0 or room.urgent > 0]
        self.paced = any(room.server.max_per_second is not None for room in rooms)
        if not rooms:
            return [], hungry
        claims = claim(
            session,
            rooms,
            sender_id=self._sender_id,
            ways=ways,
            slowed=self.slowed,
            now=now,
            lease_seconds=self._office.desk.config.lease_seconds,
        )
        taken = {one.server.id: len(one.mails) for one in claims}
        for room in rooms:
            if taken.get(room.server.id, 0) >= min(room.count, LARGEST):
                hungry.add(room.server.id)
        return [self._addressed(session, one) for one in claims], hungry

    def hand_over(self, delivery: Delivery, workers: Sequence[Worker]) -> list[Result]:
        """Share the mails of one claim among the children that have room; what nobody takes goes back."""
        jobs = {job.mail_id: job for job in delivery.jobs}
        mails = [mail for mail in delivery.claim.mails if mail.id in jobs]
        server = delivery.claim.server
        shares = self._shares[server.id]
        express = _express_worker(workers) if server.id in self._express else None
        if express is not None:
            urgent, mails = _urgent(mails, _express_room(express), shares, express.seat)
            if urgent:
                part = replace(delivery.claim, mails=tuple(urgent))
                ordered = [jobs[mail.id] for mail in urgent]
                self._order(express, part, ordered, delivery, 1, shares.of_express, express=True)
        crew = list(_crew(server, self._ordinary(server), workers))
        places = [(worker.seat + server.id) % self._office.processes for worker, _ in crew]
        dealt = shares.deal(mails, places, self._office.processes)
        mails = dealt.free
        for place, (worker, connections) in enumerate(crew):
            last = place == len(crew) - 1
            count = len(mails) if last else min(len(mails), max(worker.load(server.id).room, 0))
            share, mails = [*dealt.rationed[place], *mails[:count]], mails[count:]
            if share:
                part = replace(delivery.claim, mails=tuple(share))
                own = partial(shares.of_child, place=places[place], children=self._office.processes)
                self._order(worker, part, [jobs[mail.id] for mail in share], delivery, connections, own)
        left = [*dealt.nobodys, *mails]
        return [Result(mail.id, delivery.claim.lease, BACK, server.id) for mail in left]

    def _order(
        self,
        worker: Worker,
        part: Claim,
        jobs: list[Job],
        delivery: Delivery,
        connections: int,
        share: Callable[[str], int | None],
        *,
        express: bool = False,
    ) -> None:
        server = part.server
        through = Through(
            server.id, server.name, server.kind, server.revision, connections, server.settings, express
        )
        now = utcnow()
        leased = (part.until - now).total_seconds()
        window = limits.closes_in(server, part.claimed_at) - (now - part.claimed_at).total_seconds()
        seconds = max(0.0, min(leased, window))
        worker.hold(part, express=express)
        used = {job.content_id for job in jobs}
        with suppress(OSError):  # it has just died: what it holds comes back with its journal
            contents = [delivery.contents[content_id] for content_id in used]
            worker.order(through, jobs, contents, delivery.keys, seconds, told(part, share))

    def _opened(
        self, session: Session, healths: dict[int, Health], barred: set[int], now: datetime
    ) -> tuple[list[Server], Ways]:
        """The servers that may be used just now, and the ways that mail takes while the others are closed."""
        if self._ways is None:
            self._ways, self._named = self._office.servers.ways(session), _named(session)
        ways = self._ways
        opened, closed = [], set()
        for server_id in sorted(ways.server_ids(self._named)):
            server = self._server(session, server_id)
            health = healths.setdefault(server_id, Health())
            resting = health.resting() or rests.words_of(self.slowed.get(server_id, {}), now)
            if server is None or server.paused or server_id in barred or resting:
                closed.add(server_id)
            else:
                health.most = server.connections
                opened.append(server)
        return opened, ways.with_closed(closed)

    def _server(self, session: Session, server_id: int) -> Server | None:
        if server_id not in self._servers:
            self._servers[server_id] = self._read(session, server_id)
        return self._servers[server_id]

    def _read(self, session: Session, server_id: int) -> Server | None:
        servers = self._office.servers
        try:
            server = servers.get(session, server_id)
        except TransportError as error:  # a secret that can't be opened
            servers.pause(session, server_id, error.reason, error.hint)
            return None
        if server is None:
            _refuse(session, server_id)
        return server

    def _room(self, session: Session, server: Server, workers: Sequence[Worker], health: Health) -> Room:
        rest = self.slowed.get(server.id, {}).get(rests.WHOLE)
        whole = server if rest is None else replace(server, connections=min(server.connections, rest.allowed))
        shared = self._share(session, whole)
        only = self._shares[server.id].only()
        count = sum(
            worker.load(server.id).room for worker, _ in _crew(shared, self._ordinary(shared), workers)
        )
        held = sum(worker.load(server.id).held for worker in workers)
        if server.max_per_second is not None:  # a stuck server must not gather what would leave at once later
            count = min(count, server.max_per_second - held)
        if rest is not None and not rest.proved:
            if health.asking.waits(rest.until) or self._asks(session, server, workers, health, rest):
                return Room(shared, 0)
            return Room(
                shared, min(count, 1 - held), only=only
            )  # the test can't tell: one mail shows whether it is well again
        express = _express_worker(workers) if server.id in self._express else None
        return Room(shared, count, _express_room(express) if express is not None else 0, only)

    def _asks(
        self, session: Session, server: Server, workers: Sequence[Worker], health: Health, rest: rests.Rest
    ) -> bool:
        """Have a child ask, once after each rest, whether the server is well again."""
        ready = [worker for worker in workers if worker.ready]
        if health.asking.about == rest.until or not ready:
            return False
        health.asking.begin(rest.until)
        latest = session.scalar(select(MailContent).order_by(MailContent.id.desc()).limit(1))
        sender = str(latest.draft.get("from_address", "")) if latest is not None else ""
        through = Through(server.id, server.name, server.kind, server.revision, 1, server.settings)
        self.questions.append((ready[0], Probe(through, sender or NOBODY)))
        return True

    def _share(self, session: Session, server: Server) -> Server:
        """Its connections are shared evenly by the senders that live; the first one keeps one for operational mail."""
        share, first, rank, senders, settled = server.connections, True, 0, 1, True
        if not self._office.alone:
            living = heartbeat.living(session)
            own = next((one for one in living if one.id == self._sender_id), None)
            rank, senders = living.index(own) if own is not None else 0, max(1, len(living))
            settled = own is None or rank == 0 or utcnow() - own.started_at > NEW
            share, first = part_of(server.connections, senders, rank), rank == 0
        if first and server.connections > 1:
            self._express.add(server.id)
        else:
            self._express.discard(server.id)
        self._shares[server.id] = Shares(server.pace, rank, senders, server.id in self._express, settled)
        return replace(server, connections=share)

    def _ordinary(self, server: Server) -> int:
        """Connections that announcements may use."""
        return server.connections - (1 if server.id in self._express else 0)

    def _addressed(self, session: Session, one: Claim) -> Delivery:
        jobs, refused, contents = self._dispatch.jobs(session, one)
        if refused:
            record(session, refused)
        if self._keys is None:
            self._keys = self._ring.keys(session)
        return Delivery(one, jobs, contents, self._keys)


def _crew(server: Server, connections: int, workers: Sequence[Worker]) -> Iterator[tuple[Worker, int]]:
    """The children that may use this server, each with its number of connections."""
    ready = sorted((worker for worker in workers if worker.ready), key=lambda worker: worker.seat)
    if not ready:
        return
    base, rest = divmod(connections, len(ready))
    for place, worker in enumerate(ready):
        own = base + (1 if (place + server.id) % len(ready) < rest else 0)
        if own:
            yield worker, own


def _express_worker(workers: Sequence[Worker]) -> Worker | None:
    """The child with the connection that is kept for operational mail."""
    return next((worker for worker in workers if worker.ready), None)


def _express_room(worker: Worker) -> int:
    return max(0, EXPRESS - len(worker.urgent))


def _urgent(
    mails: list[ClaimedMail], room: int, shares: Shares, seat: int
) -> tuple[list[ClaimedMail], list[ClaimedMail]]:
    """The operational ones, as many as there is room for, and the others."""
    urgent: list[ClaimedMail] = []
    others: list[ClaimedMail] = []
    for mail in mails:
        fits = mail.kind == Kind.OPERATIONAL and len(urgent) < room and shares.may_use_express(mail, seat)
        (urgent if fits else others).append(mail)
    return urgent, others


def _is_full(server_id: int, workers: Sequence[Worker]) -> bool:
    """Whether every child still has enough of this server's mails; then there may be more when one has not."""
    ready = [worker for worker in workers if worker.ready]
    return bool(ready) and all(worker.load(server_id).room <= 0 for worker in ready)


def _named(session: Session) -> set[int]:
    """Every server that a waiting mail names."""
    running = select(Mailing.server_id).where(Mailing.state == MailingState.RUNNING.value).distinct()
    single = select(OutboxMail.server_id).where(WAITING, OutboxMail.mailing_id.is_(None)).distinct()
    named = {*session.scalars(running), *session.scalars(single)}
    return {server_id for server_id in named if server_id is not None}


def _refuse(session: Session, server_id: int) -> None:
    """The server was deleted: its mailings stop and say so, its single mails have failed."""
    words = "The mail server of this mail was deleted."
    running = select(Mailing.id).where(
        Mailing.state == MailingState.RUNNING.value, Mailing.server_id == server_id
    )
    for mailing_id in session.scalars(running).all():
        control.pause(
            session, mailing_id, "Its mail server was deleted. Start a new message with another one."
        )
    now: datetime = utcnow()
    session.execute(
        update(OutboxMail)
        .where(WAITING, OutboxMail.mailing_id.is_(None), OutboxMail.server_id == server_id)
        .values(state=State.FAILED.value, code="server", detail=words, changed_at=now, values=None)
        .execution_options(synchronize_session=False)
    )
