"""The sender parent: owns the outbox on this machine. It claims, hands over, listens, records, recovers."""

import logging
import os
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import wait

from sqlalchemy.orm import Session

from transports.errors import TransportError
from webapp.db import utcnow
from webapp.mail import heartbeat, restored
from webapp.mail.outbox import claim, rests, set_back
from webapp.mail.sender import recovery, slowing, spool
from webapp.mail.sender.books import Books, Closed
from webapp.mail.sender.clock import Clock
from webapp.mail.sender.ears import Ears
from webapp.mail.sender.feeding import Delivery, Feeder
from webapp.mail.sender.high_water import HighWater
from webapp.mail.sender.ledger import Ledger
from webapp.mail.sender.messages import Answered, Borrow, GiveBack, Hold, Recall, Recorded, Stop, ToChild
from webapp.mail.sender.nursery import Nursery
from webapp.mail.sender.office import Office
from webapp.mail.sender.recalls import recalled
from webapp.mail.sender.worker import Worker

LOOK = 0.5  # seconds between looks at the database when nobody pokes
PACE = 0.1  # the same while a limit by the second is to be used up
BEAT, SWEEP, TIDY = 10.0, 2.0, 60.0
STOP_SECONDS = 20.0
NO_ROOM = "Nothing is being sent: the disk is nearly full. Make room; sending goes on by itself."
log = logging.getLogger("offerpost.sender")


class Parent:
    """One sender. `run` returns when `stop` is set and everything is written down."""

    def __init__(self, office: Office) -> None:
        self._office, self._spool = office, office.desk.config.spool
        self._high_water = HighWater(office.desk.config.home)
        self._books = Books(office.desk.reading, office.desk.writing)
        self.id = self._books.write(self._enter)
        self._folder = spool.SenderFolder.of(self._spool, self.id)
        self._folder.remove()  # of an older database with the same numbers
        self._lock = self._folder.create()
        self._generation_file = os.open(spool.generation_file(self._spool), os.O_RDONLY)
        self._fifo = os.open(self._folder.fifo, os.O_RDWR | os.O_NONBLOCK)
        self._clock = Clock()
        self._ledger = Ledger()
        self._ears = Ears(self._ledger)
        self._feeder = Feeder(office, self.id)
        self._nursery = Nursery(
            office, self._folder, lambda result, held: self._ledger.add(result, held, None), self._blame
        )
        self._generation, self._held, self._no_room = -1, False, False
        self._read_at = -1  # the number of the spool when the feeder last read servers and keys
        self._hungry: set[int] = set()  # servers for which more may wait than their children had room for
        self._next: dict[str, float] = {}
        # Who pauses or suppresses on this machine rings the bell; only others may have changed something silently.
        self._recheck = SWEEP if office.alone else LOOK
        self._doubtful = False  # a commit failed, or took place and nobody told us

    def run(self, stop: threading.Event) -> None:
        try:
            while not stop.is_set():
                self._nursery.fill()
                self._listen(self._patience())
                self._try(self._step)
            self._finish()
        finally:
            os.close(self._generation_file)
            os.close(self._fifo)
            self._high_water.close()

    def _enter(self, session: Session) -> int:
        claim.prepare(session)
        set_back.mend(session, utcnow())
        restored.notice(session, self._high_water.value)
        return heartbeat.begin(session, spool.host_name(), spool.boot_id()).id

    def _patience(self) -> float:
        return 0.02 if not self._ledger.empty else 0.1

    def _listen(self, seconds: float) -> None:
        """Take in what the children say, and the bell."""
        living = list(self._nursery.living)
        for ready in wait([*(worker.pipe.fileno() for worker in living), self._fifo], seconds):
            if ready == self._fifo:
                os.read(self._fifo, 4096)
                self._next["look"] = 0.0
        for worker in living:
            self._hear(worker)

    def _hear(self, worker: Worker) -> None:
        try:
            while worker.pipe.ready():
                self._ears.hear(worker, worker.pipe.receive())
        except (EOFError, OSError):
            self._nursery.died(worker)

    def _step(self) -> None:
        self._nursery.bury()
        if self._ledger.due:
            self._record()
        self._run_errands()
        if self._ears.asked or self._generation != self._number() or self._due("recall", self._recheck):
            self._recall()
        if self._due("room", SWEEP):
            self._no_room = not spool.has_room(self._spool)
        if self._due("look", LOOK) or self._has_room() or self._ears.slowed:
            self._feed()
        if self._due("sweep", SWEEP):
            self._sweep()
        if self._due("beat", BEAT):
            self._books.write(lambda session: heartbeat.beat(session, self.id, self._note()))
        if self._due("tidy", TIDY):
            self._books.write(self._office.servers.delete_expired_drafts)

    def _try(self, work: Callable[[], None]) -> None:
        """One step. While the database is closed nothing more leaves, as its outcome could not be kept."""
        try:
            work()
        except Closed:
            self._doubtful = True
            self._hold(True)
        except OSError as error:
            log.warning("the spool can't be used: %s", error)
        else:
            self._hold(self._no_room)

    def _record(self) -> None:
        self._books.write(lambda session: self._ledger.write(session, self._office.servers))
        self._recorded()

    def _recorded(self) -> None:
        """What the ledger held is committed."""
        if self._ledger.server_pauses or self._ledger.mailing_pauses:
            self._ears.asked = True
            self._feeder.forget()
        for worker, mail_ids in self._ledger.written().items():
            self._tell(worker, Recorded(mail_ids))
        self._nursery.committed()

    def _run_errands(self) -> None:
        """Lend secrets and take them back; what the database can't take just now stays for the next step."""
        while self._ears.errands:
            worker, errand = self._ears.errands[0]
            secret = self._books.write(lambda session, errand=errand: self._done(session, errand))  # type: ignore[misc]
            self._ears.errands.pop(0)
            self._tell(worker, Answered(errand.number, secret))

    def _done(self, session: Session, errand: Borrow | GiveBack) -> str | None:
        servers = self._office.servers
        if isinstance(errand, Borrow):
            return servers.lend_secret(session, errand.given)
        servers.take_secret_back(session, errand.given, errand.used, errand.renewed)
        return None

    def _recall(self) -> None:
        """Name the mails that must not leave any more. The number is read before the database."""
        number = self._number()
        living = list(self._nursery.living)
        if any(worker.in_flight for worker in living):
            stopped = self._books.read(lambda session: self._stopped(session, living))
        else:
            stopped = set()
        for worker in living:
            self._tell(worker, Recall(number, sorted(stopped & worker.in_flight.keys())))
        self._generation, self._ears.asked = number, False
        self._next["recall"] = time.monotonic() + self._recheck

    def _stopped(self, session: Session, living: list[Worker]) -> set[int]:
        held = {mail_id: one for worker in living for mail_id, one in worker.in_flight.items()}
        closed = set()
        for server_id in {one.server_id for one in held.values()}:
            if self._is_resting(server_id) or self._is_closed(session, server_id):
                closed.add(server_id)
        paused = {mail_id for mail_id, one in held.items() if one.server_id in closed}
        slowed = slowing.put_off(session, held, self._feeder.slowed, utcnow())
        return paused | slowed | recalled(session, held)

    def _is_resting(self, server_id: int) -> bool:
        resting = rests.words_of(self._feeder.slowed.get(server_id, {}), utcnow())
        return bool(resting) or self._ears.health(server_id).resting()

    def _is_closed(self, session: Session, server_id: int) -> bool:
        try:
            server = self._office.servers.get(session, server_id)
        except TransportError:
            return True
        return server is None or server.paused

    def _feed(self) -> None:
        self._next["look"] = time.monotonic() + LOOK
        self._hungry = set()
        if self._no_room or not self._nursery.living:
            return
        number = self._number()
        if number != self._read_at or self._due("reading", LOOK):
            self._read_at = number
            self._feeder.forget()
        barred = set(self._ledger.server_pauses)

        def recorded_and_claimed(session: Session) -> tuple[list[Delivery], set[int]]:
            if not self._ledger.empty:
                self._ledger.write(session, self._office.servers)
            return self._feeder.claim(session, self._nursery.living, self._ears.healths, barred)

        deliveries, hungry = self._books.write(recorded_and_claimed)
        self._recorded()
        for health in self._ears.healths.values():
            health.forget()
        for worker, question in self._feeder.questions:
            self._tell(worker, question)
        if self._feeder.paced:
            self._next["look"] = time.monotonic() + PACE
        for delivery in deliveries:
            self._high_water.raise_to(delivery.claim.lease)
            for result in self._feeder.hand_over(delivery, self._nursery.living):
                self._ledger.add(result, None, None)
        self._hungry = hungry

    def _has_room(self) -> bool:
        """Whether a child can take more of what waits."""
        ready = [worker for worker in self._nursery.living if worker.ready]
        return any(worker.load(server_id).room > 0 for server_id in self._hungry for worker in ready)

    def _sweep(self) -> None:
        """Look for dead senders: those of this machine by their locks, the others by their silence; and at the clock."""
        if self._clock.was_set_back():
            mended = self._books.write(lambda session: set_back.mend(session, utcnow()))
            log.warning("the clock was set back; %s mails that waited for the wrong time go on", mended)
        alive = {self.id}
        for folder in spool.SenderFolder.every(self._spool):
            if folder.sender_id == self.id:
                continue
            alive.add(folder.sender_id)
            if self._books.write(lambda session, folder=folder: recovery.of_folder(session, folder)):  # type: ignore[misc]
                log.info("settled what sender %s had left", folder.sender_id)
                folder.remove()
        alone = self._office.alone
        self._books.write(lambda session: recovery.of_the_lost(session, self.id, alive, alone=alone))
        if self._doubtful:
            held = self._nursery.held() | self._ledger.mail_ids
            self._books.write(lambda session: recovery.of_the_unheld(session, self.id, held))
            self._doubtful = False

    def _finish(self) -> None:
        """Let the children end what is in flight, take back the rest, write everything down."""
        for worker in self._nursery.living:
            self._tell(worker, Stop())
        ends = time.monotonic() + STOP_SECONDS
        while self._nursery.living and time.monotonic() < ends:
            self._listen(0.05)
            self._try(self._write_rest)
        for worker in list(self._nursery.living):
            worker.process.kill()
            self._nursery.died(worker)
        ends = time.monotonic() + STOP_SECONDS
        while not (self._nursery.all_buried and self._ledger.empty) and time.monotonic() < ends:
            time.sleep(0.02)
            self._try(self._write_rest)
        self._try(self._leave)

    def _write_rest(self) -> None:
        self._nursery.bury()
        if not self._ledger.empty:
            self._record()
        self._run_errands()
        if self._ears.asked:
            self._recall()

    def _leave(self) -> None:
        settled = self._nursery.all_buried and self._ledger.empty
        seconds = self._office.desk.config.rest_seconds
        self._books.write(lambda session: slowing.settle(session, self._ears.healths, seconds, utcnow()))
        self._books.write(lambda session: heartbeat.end(session, self.id))
        if settled:  # otherwise the next sender finds the journals
            self._folder.remove()

    def _blame(self, server_id: int, reason: str, hint: str) -> None:
        self._ledger.pause_server(server_id, reason, hint)

    def _note(self) -> str:
        return NO_ROOM if self._no_room else ""

    def _hold(self, on: bool) -> None:
        if on != self._held:
            self._held = on
            for worker in self._nursery.living:
                self._tell(worker, Hold(on))

    def _tell(self, worker: Worker, message: ToChild) -> None:
        try:
            worker.pipe.send(message)
        except OSError:
            self._nursery.died(worker)

    def _number(self) -> int:
        return int.from_bytes(os.pread(self._generation_file, 8, 0), "little")

    def _due(self, what: str, seconds: float) -> bool:
        now = time.monotonic()
        if now < self._next.get(what, 0.0):
            return False
        self._next[what] = now + seconds
        return True
