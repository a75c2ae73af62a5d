"""Stands before every message body in a child: may this mail still leave?

The number in the spool is compared before each body. When it has changed, somebody has paused, cancelled or suppressed
something; the parent is asked, reads the database again, and names the mails that are recalled.
"""

import mmap
import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

PATIENCE = 30.0  # seconds for the parent's answer; without it the mail goes back


class Gate:
    """Shared by the lanes of one child."""

    def __init__(self, generation: Path, ask: Callable[[int], None]) -> None:
        descriptor = os.open(generation, os.O_RDONLY)
        self._number = mmap.mmap(descriptor, 8, prot=mmap.PROT_READ)
        os.close(descriptor)
        self._ask = ask
        self._changed = threading.Condition()
        self._known, self._known_bytes = -1, b""
        self._asked = -1
        self._recalled: set[int] = set()
        self.stopping = False
        self.held = False

    def may_leave(self, mail_id: int, ends: float) -> bool:
        """Whether the body of this mail may leave now; `ends` is the monotonic time at which its lease does."""
        known = self._known_bytes  # read first: what was answered meanwhile belongs to another number
        if time.monotonic() >= ends or mail_id in self._recalled:
            return False
        if self._number[:8] == known and not (self.stopping or self.held):
            return True
        return self._open() and time.monotonic() < ends and mail_id not in self._recalled and self._open()

    def recalled(self, mail_id: int) -> bool:
        return mail_id in self._recalled

    def answer(self, generation: int, mail_ids: Iterable[int]) -> None:
        """The parent's word: what is recalled as of this number."""
        with self._changed:
            self._recalled.update(mail_ids)
            self._known, self._known_bytes = generation, generation.to_bytes(8, "little")
            self._changed.notify_all()

    def forget(self, mail_ids: Iterable[int]) -> None:
        """These mails had gone back; under their next lease they may leave."""
        self._recalled.difference_update(mail_ids)

    def hold(self, on: bool) -> None:
        self.held = on

    def stop(self) -> None:
        """Nothing more leaves from this process."""
        with self._changed:
            self.stopping = True
            self._changed.notify_all()

    def _open(self) -> bool:
        if self.stopping or self.held:
            return False
        generation = self._now()
        return generation == self._known or self._await(generation)

    def _await(self, generation: int) -> bool:
        """Wait until the parent has answered for the number of now, which may change while we wait."""
        ends = time.monotonic() + PATIENCE
        while generation != self._known and not self.stopping:
            self._ask_once(generation)
            with self._changed:
                rest = ends - time.monotonic()
                if rest <= 0:
                    return False
                if generation != self._known and not self.stopping:
                    self._changed.wait(min(rest, 1.0))
            generation = self._now()
        return not self.stopping and not self.held

    def _ask_once(self, generation: int) -> None:
        """Never while the lock is held: the pipe may be full until the main thread has heard the parent."""
        with self._changed:
            if self._asked == generation:
                return
            self._asked = generation
        self._ask(generation)

    def _now(self) -> int:
        return int.from_bytes(self._number[:8], "little")
