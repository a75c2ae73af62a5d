"""The SMTP server of these tests: the other party, whose record of what it took is compared with our database.

`at` lets something happen when a mail has come to a step; the server goes on only afterwards.
"""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from typing import Any

from transports.testing.listener import Gone
from transports.testing.smtp_conversation import Conversation
from transports.testing.smtp_server import Received, SmtpServer

STEPS = ("BANNER", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "BODY", "NEARLY", "DOT", "ANSWERED", "QUIT")
NEARLY_BYTES = 64 * 1024  # so much of a large body has come, and its final dot has not
Act = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Taken:
    """One mail that a next hop has taken."""

    message_id: str
    recipient: str


class Witness(SmtpServer):
    """Keeps when each body began, and calls what was asked for at each step."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)  # a large body gets stuck
        self.began: list[tuple[str, datetime]] = []
        self._acts: list[list[Any]] = []
        self._watching = threading.Lock()

    def at(self, step: str, act: Act, *, after: int = 0) -> None:
        """Call `act` once, when this step is reached for the time number `after` + 1."""
        assert step in STEPS
        with self._watching:
            self._acts.append([step, after, act])

    def taken(self) -> list[Taken]:
        with self._lock:
            return [taken_of(mail) for mail in self.inbox]

    def reached(self, step: str) -> None:
        due = []
        with self._watching:
            for entry in [entry for entry in self._acts if entry[0] == step]:
                if entry[1] > 0:
                    entry[1] -= 1
                else:
                    self._acts.remove(entry)
                    due.append(entry[2])
        for act in due:
            act()

    def rule(self, place: str, about: bytes) -> Any:
        if place == "BODY":
            with self._watching:
                self.began.append((about.decode().strip("<>"), datetime.now(UTC)))
        if place in STEPS:
            self.reached(place)
        return super().rule(place, about)

    def talk(self, line: socket.socket) -> None:
        Watched(self, line).run()


class Watched(Conversation):
    """Tells the witness of two moments more than the test server knows."""

    def run(self) -> None:
        self._reading_body = False
        super().run()

    def _body_begins(self) -> None:
        if not self.buffer and not self._fill():
            raise Gone  # the mail was taken back after our 354: no byte of it has come
        super()._body_begins()

    def _read_body(self) -> bytes:
        self._reading_body = True
        try:
            return super()._read_body()
        finally:
            self._reading_body = False

    def _fill(self) -> bool:
        more = super()._fill()
        if self._reading_body and len(self.buffer) > NEARLY_BYTES:
            self._reading_body = False
            self._witness.reached("NEARLY")
        return more

    def _take(self, data: bytes) -> None:
        super()._take(data)
        self._witness.reached("ANSWERED")

    @property
    def _witness(self) -> Witness:
        assert isinstance(self.server, Witness)
        return self.server


def taken_of(mail: Received) -> Taken:
    return Taken(message_id_of(mail.data), mail.recipients[0])


def message_id_of(content: bytes) -> str:
    return str(message_from_bytes(content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")["Message-ID"])
