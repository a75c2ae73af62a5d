"""New connections, made beside the sending loop: greeting, TLS and AUTH take several round trips."""

from __future__ import annotations

import socket
import threading
from collections import deque
from collections.abc import Callable

from transports.errors import TemporaryError
from transports.smtp.line import Line


class Openings:
    """Starts threads that open connections; a byte on `wake` says that one is finished."""

    def __init__(self, open_line: Callable[[], Line]) -> None:
        self._open_line = open_line
        self._lock = threading.Lock()
        self._finished: deque[Line | Exception] = deque()
        self._closed = False
        self.pending = 0
        self.wake, self._waker = socket.socketpair()
        self.wake.setblocking(False)

    def start(self) -> None:
        """Open one more connection. Where the machine has no thread left for it, that is how it ends."""
        self.pending += 1
        try:
            threading.Thread(target=self._run, name="offerpost-smtp-open", daemon=True).start()
        except RuntimeError as trouble:
            self._finish(TemporaryError("This machine has no thread left for a connection.", str(trouble)))

    def collect(self) -> list[Line | Exception]:
        """What has been finished since the last call: a connection, or why there is none."""
        if not self.pending:
            return []
        try:
            self.wake.recv(1024)
        except BlockingIOError:
            return []
        with self._lock:
            found = list(self._finished)
            self._finished.clear()
        self.pending -= len(found)
        return found

    def close(self) -> None:
        """Hang up what is finished; what is still being opened hangs up by itself."""
        with self._lock:
            self._closed = True
            found = list(self._finished)
            self._finished.clear()
            self.wake.close()
            self._waker.close()
        for one in found:
            _hang_up(one)

    def _run(self) -> None:
        result: Line | Exception
        try:
            result = self._open_line()
        except Exception as trouble:
            result = trouble
        self._finish(result)

    def _finish(self, result: Line | Exception) -> None:
        with self._lock:
            if not self._closed:
                self._finished.append(result)
                self._waker.send(b".")
                return
        _hang_up(result)


def _hang_up(one: Line | Exception) -> None:
    if isinstance(one, Line):
        one.hang_up(politely=True)
