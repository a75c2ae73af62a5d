"""Work that takes time, done beside the pages: a small port (over Huey, see `engine`) that carries plain data only.

A job may be lost: its process was killed, its store did not answer. So each is idempotent, and whoever
enqueues one also has a periodic sweep that finds what was lost. Mail never goes through here: the outbox is its truth.
"""

import json
import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from webapp.jobs.engine import Queue

log = logging.getLogger("offerpost.jobs")

Job = Callable[..., None]


class Jobs:
    """Register with `task` and `periodic`, hand out with `enqueue`, work off with `start_consumer` or `run_pending`.

    With `immediate`, `enqueue` runs the job at once, in the caller. Nothing is opened before the first use. Each job runs inside
    `watch(name)`, which may write down how it ended.
    """

    def __init__(self, url: str, *, immediate: bool = False) -> None:
        self._url = url
        self._immediate = immediate
        self._jobs: dict[str, Job] = {}
        self._ticks: list[tuple[str, int]] = []
        self.watch: Callable[[str], AbstractContextManager[None]] = lambda _name: nullcontext()
        self.stopping = (
            threading.Event()
        )  # a long job looks at it between two steps and leaves the rest to the sweep

    def task(self, name: str) -> Callable[[Job], Job]:
        """Register a function under a name. What is queued carries the name, so it outlives a renamed function."""

        def register(job: Job) -> Job:
            self._jobs[name] = job
            return job

        return register

    def periodic(self, name: str, minutes: int) -> None:
        """Run a registered job, without arguments, every so many minutes (1 to 59), once, however many consumers run."""
        if name not in self._jobs or not 1 <= minutes < 60:
            raise ValueError(f"{name} every {minutes} minutes can't be scheduled")
        self._ticks.append((name, minutes))

    def enqueue(self, name: str, /, **plain: Any) -> None:
        """Hand a job to the consumer. Commit what it will read first. Only what JSON can hold may go along."""
        if name not in self._jobs:
            raise ValueError(f"no job is called {name}")
        plain = json.loads(json.dumps(plain))
        if self._immediate:
            self.run(name, plain)
        else:
            self._queue.put(name, plain)

    def run(self, name: str, plain: dict[str, Any]) -> None:
        """Run a job in the caller. A name that another version queued is reported and dropped: its sweep comes again."""
        job = self._jobs.get(name)
        if job is None:
            log.error("no job is called %s", name)
        else:
            with self.watch(name):
                job(**plain)

    def run_pending(self) -> int:
        """Do what is queued now, in the caller; an exception of a job is raised. Returns how many were done."""
        done = 0
        while self._queue.run_next():
            done += 1
        return done

    def waiting(self) -> int:
        """How many are queued; raises what the store's own library does when it does not answer."""
        return self._queue.size()

    def start_consumer(self) -> None:
        """Work jobs off in threads of this process until `stop`. Signals stay the caller's."""
        self.stopping.clear()
        self._queue.start(self._ticks)

    def stop(self) -> None:
        """Ask running jobs to leave off, wait for them a while, let go of the queue. May be called twice."""
        self.stopping.set()
        if "_queue" in self.__dict__:
            self._queue.stop()

    @cached_property
    def _queue(self) -> "Queue":
        from webapp.jobs.drivers import import_huey

        import_huey()
        from webapp.jobs.engine import Queue

        return Queue(self._url, self.run)
