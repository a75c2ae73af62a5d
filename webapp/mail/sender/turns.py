"""The mails of a lane in the order in which they may leave: those to a domain whose connections are all busy step aside."""

import queue
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping

from webapp.mail.outbox.pace import domain_of
from webapp.mail.sender.orders import Job

Turn = tuple[Job, float]  # a mail, and when its lease ends (monotonic)


class Turns:
    """`put` from any thread; the rest in the lane's own."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[tuple[Iterable[Job], float, Mapping[str, int]]] = queue.SimpleQueue()
        self._jobs: deque[Job] = deque()  # of the order at hand, whose lease ends at `_ends`
        self._ends = 0.0
        self._aside: dict[str, deque[Turn]] = {}
        self._shares: dict[str, int] = {}

    def put(self, jobs: Iterable[Job], ends: float, shares: Mapping[str, int]) -> None:
        """`shares`: how many of these may be on their way to a domain at once; nothing is said of those without a limit."""
        self._queue.put((jobs, ends, shares))

    def wake(self) -> None:
        """End a wait for mails that don't come."""
        self._queue.put(((), 0.0, {}))

    @property
    def empty(self) -> bool:
        """Whether nothing waits, nor somebody who wants to wake us."""
        return not self._aside and self._queue.empty()

    def wait(self, seconds: float = 0.0) -> bool:
        """Whether there is a mail, here or within that time."""
        return bool(self._aside) or self._has_more(seconds)

    def next(self, busy: Callable[[str], int]) -> Turn | None:
        """The next mail that may leave while so many are on their way to its domain; None if there is none just now."""
        if self._aside and (turn := self._from_aside(busy)) is not None:
            return turn
        while self._has_more():
            job = self._jobs.popleft()
            if not self._shares:
                return job, self._ends
            domain = domain_of(job.address)
            share = self._shares.get(domain)
            if share is None or (domain not in self._aside and busy(domain) < share):
                return job, self._ends
            self._aside.setdefault(domain, deque()).append((job, self._ends))
        return None

    def rest(self) -> Iterator[Job]:
        """All of them, to be given back."""
        while self._aside:
            _, some = self._aside.popitem()
            yield from (job for job, _ in some)
        while self._has_more():
            yield self._jobs.popleft()

    def _from_aside(self, busy: Callable[[str], int]) -> Turn | None:
        """The first that may leave. Those whose domain went to other lanes meanwhile come with an end that is over."""
        for domain, some in self._aside.items():
            share = self._shares[domain]
            if share == 0 or busy(domain) < share:
                turn = some.popleft() if share else (some.popleft()[0], 0.0)
                if not some:
                    del self._aside[domain]
                return turn
        return None

    def _has_more(self, seconds: float = 0.0) -> bool:
        while not self._jobs:
            try:
                jobs, self._ends, shares = self._queue.get(seconds > 0, seconds)
            except queue.Empty:
                return False
            if not jobs:
                return False  # woken up to close
            self._shares.update(shares)
            self._jobs.extend(jobs)
        return True
