"""Keeps the children alive: starts them, notices deaths, reads what the dead have left."""

import logging
import time
from collections import Counter
from collections.abc import Callable

from webapp.mail.outbox.held import Held
from webapp.mail.sender import recovery, spool
from webapp.mail.sender.office import Office
from webapp.mail.sender.results import UNKNOWN, Result
from webapp.mail.sender.worker import Worker

SHORTEST, LONGEST = 0.1, 30.0
SETTLED = 20.0  # a child that lived so long did not fail at its start
KILLED = (0, -9, -15)  # ends for which no plugin is to blame
CRASHES = 3
log = logging.getLogger("offerpost.sender")

Found = Callable[[Result, Held | None], None]
Blame = Callable[[int, str, str], None]


class Nursery:
    """The children of one parent, living and dead."""

    def __init__(self, office: Office, folder: spool.SenderFolder, found: Found, blame: Blame) -> None:
        self._office, self._folder, self._found, self._blame = office, folder, found, blame
        self.living: list[Worker] = []
        self._dead: list[Worker] = []
        self._settled: list[Worker] = []
        self._crashes: Counter[int] = Counter()
        self._pause, self._next_start, self._number = SHORTEST, 0.0, 0

    def fill(self) -> None:
        """Start children until there are as many as are wished."""
        while len(self.living) < self._office.processes and time.monotonic() >= self._next_start:
            self._number += 1
            free = set(range(self._office.processes)) - {worker.seat for worker in self.living}
            self.living.append(Worker(self._number, min(free), self._office.desk.config, self._folder))

    def died(self, worker: Worker) -> None:
        """Its pipe is closed. What it holds is settled when its journal is free."""
        if worker not in self.living:
            return
        self.living.remove(worker)
        self._dead.append(worker)
        if time.monotonic() - worker.started > SETTLED:
            self._pause = SHORTEST
        self._next_start = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST)

    def bury(self) -> None:
        """Settle those dead children whose journals nobody holds any more."""
        for worker in list(self._dead):
            if worker.process.poll() is None:
                continue
            results = recovery.of_child(worker.journal, worker.in_flight)
            if results is None:
                continue
            log.info("child %s ended with status %s", worker.number, worker.process.returncode)
            self._dead.remove(worker)
            self._settle(worker, results)

    def committed(self) -> None:
        """What was found is in the database: the journals of the buried have no purpose any more."""
        for worker in self._settled:
            recovery.remove_journal(worker.journal)
        self._settled.clear()

    @property
    def all_buried(self) -> bool:
        return not self._dead

    def held(self) -> set[int]:
        """The mails that children hold, or held when they died and are not settled yet."""
        return {mail_id for worker in (*self.living, *self._dead) for mail_id in worker.in_flight}

    def _settle(self, worker: Worker, results: list[Result]) -> None:
        blamed = set()
        for result in results:
            self._found(result, worker.in_flight.get(result.mail_id))
            if result.status == UNKNOWN and result.server_id is not None:
                blamed.add(result.server_id)
        self._settled.append(worker)
        worker.pipe.close()
        if worker.process.returncode not in KILLED:
            self._count_crash(blamed)

    def _count_crash(self, server_ids: set[int]) -> None:
        for server_id in server_ids:
            self._crashes[server_id] += 1
            if self._crashes[server_id] >= CRASHES:
                del self._crashes[server_id]
                self._blame(
                    server_id,
                    "The sending process died several times while it used this mail server.",
                    "Its transport has a fault: tell its author. Then resume this mail server.",
                )
