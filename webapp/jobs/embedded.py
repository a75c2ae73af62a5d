"""The queue of `webapp.jobs`: Huey in a SQLite file of its own. Everything that is Huey's stays in this module."""

import json
import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from huey import SqliteHuey
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer
from sqlalchemy.engine import make_url

from webapp.db import make_private
from webapp.errors import Invalid

log = logging.getLogger("offerpost.jobs")

LOCK_WAIT_SECONDS = 30
POLL_SECONDS = 1.0
TICK_SECONDS = 10
LEAVE_OFF_SECONDS = 10


class Queue:
    """Carries (name, plain data) to `run`, in this process or another one."""

    def __init__(self, url: str, run: Callable[[str, dict[str, Any]], None]) -> None:
        self._run = run
        self._consumer: _Consumer | None = None
        self._huey = SqliteHuey(
            "offerpost",
            filename=_file(url),
            timeout=LOCK_WAIT_SECONDS,
            fsync=True,
            results=False,
            serializer=_Json(),
        )
        # One task for all jobs, so that Huey's registry knows neither our functions nor their modules.
        self._task = self._huey.task(name="job")(lambda name, plain: run(name, plain))
        self._scheduled: set[str] = set()

    def put(self, name: str, plain: dict[str, Any]) -> None:
        self._task(name, plain)

    def run_next(self) -> bool:
        """Run the oldest job in the caller; False when there is none."""
        task = self._huey.dequeue()
        if task is None:
            return False
        task.execute()
        return True

    def start(self, ticks: Iterable[tuple[str, int]]) -> None:
        if self._consumer is not None:
            return
        for name, minutes in ticks:
            self._schedule(name, minutes)
        self._consumer = _Consumer(
            self._huey,
            workers=1,
            max_delay=POLL_SECONDS,
            scheduler_interval=TICK_SECONDS,
            shutdown_timeout=LEAVE_OFF_SECONDS,
        )
        self._consumer.start()

    def stop(self) -> None:
        if self._consumer is not None:
            self._consumer.stop(graceful=True)
            self._consumer = None
        self._huey.storage.close()

    def _schedule(self, name: str, minutes: int) -> None:
        if name in self._scheduled:
            return
        self._scheduled.add(name)

        def due(now: datetime) -> bool:
            return (now.hour * 60 + now.minute) % minutes == 0

        self._huey.periodic_task(due, name=f"every {minutes} minutes: {name}")(lambda: self._run(name, {}))


class _Consumer(Consumer):  # type: ignore[misc]
    """Huey's consumer as threads of a process that keeps its own signals."""

    def _set_signal_handlers(self) -> None:
        pass


class _Json(Serializer):  # type: ignore[misc]
    """Huey's own format is pickle, which runs whatever somebody writes into the file."""

    def _serialize(self, data: Any) -> bytes:
        if not isinstance(data, Message):
            raise TypeError("only jobs are kept, no results")
        return json.dumps([data.id, data.name, data.args, data.kwargs]).encode()

    def _deserialize(self, data: bytes) -> Message:
        number, name, args, kwargs = json.loads(bytes(data))
        return Message(number, name, args=tuple(args or ()), kwargs=kwargs or {}, retries=0, retry_delay=0)


def _file(url: str) -> str:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        words = "Jobs are kept in SQLite. Write sqlite:///path/to/jobs.db, or leave it out."
        raise Invalid({"OFFERPOST_JOBS_URL": words})
    make_private(Path(parsed.database))
    return parsed.database
