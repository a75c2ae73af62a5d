"""How a child borrows a secret that may be replaced: it asks its parent, who alone opens the database."""

import queue
import threading
import time
from collections.abc import Callable
from itertools import count

from transports.errors import TemporaryError
from transports.keeping import BORROWED
from webapp.mail.sender.messages import Answered, Borrow, GiveBack

LOOK = 0.2  # seconds until it is asked again for what somebody else has
LATER = "It is tried again by itself."


class PipeKeeper:
    """Implements `transports.keeping.Keeper`; `answer` is called by whoever reads the pipe."""

    def __init__(self, say: Callable[[Borrow | GiveBack], None]) -> None:
        self._say = say
        self._numbers = count(1)
        self._waiting: dict[int, queue.SimpleQueue[str | None]] = {}
        self._lock = threading.Lock()

    def borrow(self, given: str) -> str:
        ends = time.monotonic() + BORROWED
        while time.monotonic() < ends:
            found = self._asked(lambda number: Borrow(number, given), ends)
            if found is not None:
                return found
            time.sleep(LOOK)
        raise TemporaryError("Another sender is renewing the refresh token.", "", LATER)

    def give_back(self, given: str, used: str, renewed: str) -> None:
        self._asked(lambda number: GiveBack(number, given, used, renewed), time.monotonic() + BORROWED)

    def answer(self, answered: Answered) -> None:
        with self._lock:
            waiting = self._waiting.pop(answered.number, None)
        if waiting is not None:
            waiting.put(answered.secret)

    def _asked(self, words: Callable[[int], Borrow | GiveBack], ends: float) -> str | None:
        answer: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        with self._lock:
            number = next(self._numbers)
            self._waiting[number] = answer
        self._say(words(number))
        try:
            return answer.get(timeout=max(0.0, ends - time.monotonic()))
        except queue.Empty:
            with self._lock:
                self._waiting.pop(number, None)
            raise TemporaryError("The refresh token could not be kept safely just now.", "", LATER) from None
