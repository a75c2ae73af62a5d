"""The mails of one `send()`: taken one by one, and given back when a line breaks before their body."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from transports.contract import OutgoingMail

PAUSE = 0.005  # after a None: nothing may leave just now; as long as a round trip, it would cost one


@dataclass(slots=True)
class Taken:
    """A mail that was taken; its bytes are made once, however often it is tried."""

    mail: OutgoingMail
    message: bytes
    tries: int = 0


class Supply:
    """Reads the host's iterator in the caller's thread only, and never further ahead than one mail."""

    def __init__(self, mails: Iterable[OutgoingMail | None], vet: Callable[[OutgoingMail], None]) -> None:
        self._mails = iter(mails)
        self._vet = vet
        self._back: deque[Taken] = deque()
        self._pausing_until = 0.0
        self._ended = False
        self._stopped = False

    @property
    def ended(self) -> bool:
        """Whether there is nothing left to begin, now or later."""
        return self._ended and not self._back

    @property
    def pausing(self) -> bool:
        """Whether the host has just said that nothing may leave now."""
        return not self._back and self._pauses()

    def wanted(self) -> bool:
        """Whether a mail waits for a line; looks one mail ahead."""
        if not self._back and (one := self._next()) is not None:
            self._back.append(one)
        return bool(self._back)

    def take(self) -> Taken | None:
        """The next mail; None if there is none, or none just now."""
        return self._back.popleft() if self._back else self._next()

    def give_back(self, taken: Taken) -> None:
        """Try this one again, before the others; after `stop()` it goes back to the host by itself."""
        if not self._stopped:
            self._back.appendleft(taken)

    def stop(self) -> None:
        """Take no more; what was given back goes back to the host by itself."""
        self._ended = self._stopped = True
        self._back.clear()

    def _pauses(self) -> bool:
        if self._pausing_until and time.monotonic() >= self._pausing_until:
            self._pausing_until = 0.0
        return self._pausing_until > 0

    def _next(self) -> Taken | None:
        if self._ended or (self._pausing_until and self._pauses()):
            return None
        try:
            mail = next(self._mails)
        except StopIteration:
            self._ended = True
            return None
        if mail is None:
            self._pausing_until = time.monotonic() + PAUSE
            return None
        self._vet(mail)
        return Taken(mail, mail.to_bytes())
