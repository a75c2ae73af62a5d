"""The queue of `webapp.jobs`: Huey, over one of its stores. Everything that is Huey's stays here and in `stores`."""

import json
import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from huey import Huey
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer

from webapp.jobs import stores

log = logging.getLogger("offerpost.jobs")

POLL_SECONDS = 1.0
TICK_SECONDS = 10
LEAVE_OFF_SECONDS = 10


class Queue:
    """Carries (name, plain data) to `run`, in this process or another one."""

    def __init__(self, url: str, run: Callable[[str, dict[str, Any]], None]) -> None:
        self._run = run
        self._consumer: _Consumer | None = None
        store, options = stores.chosen(url)
        self._huey = Huey("offerpost", storage_class=store, results=False, serializer=_Json(), **options)
        # One task for all jobs, so that Huey's registry knows neither our functions nor their modules.
        self._task = self._huey.task(name="job")(lambda name, plain: run(name, plain))
        self._scheduled: set[str] = set()

    def put(self, name: str, plain: dict[str, Any]) -> None:
        """Hand it over. When the store can't be reached that is only said in the log: the job's sweep finds it later."""
        try:
            self._task(name, plain)
        except Exception:
            log.exception(
                "%s could not be queued; it is found again when the store of the jobs answers", name
            )

    def size(self) -> int:
        return int(self._huey.storage.queue_size())

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
            return (now.hour * 60 + now.minute) % minutes == 0 and self._first(name, now, minutes)

        self._huey.periodic_task(due, name=f"every {minutes} minutes: {name}")(lambda: self._run(name, {}))

    def _first(self, name: str, now: datetime, minutes: int) -> bool:
        """Whether nobody else has queued it for this time: with several consumers each of them would."""
        keep = self._huey.storage
        try:
            if not keep.put_if_empty(_mark(name, now), b"1"):
                return False
            for back in (2, 3):  # older marks have served
                keep.delete_data(_mark(name, now - timedelta(minutes=back * minutes)))
        except Exception:
            log.exception("whether %s is due can't be told; it comes again in %s minutes", name, minutes)
            return False
        return True


def _mark(name: str, at: datetime) -> str:
    return f"tick.{name}.{at:%Y%m%d%H%M}"


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
