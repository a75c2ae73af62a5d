"""Several whole mails at once, by BDAT (RFC 3030): the server is told how long a body is, so nobody waits for a 354.

Each mail is one write: RSET, MAIL, RCPT, BDAT LAST and the body. RSET makes sure that a recipient who was refused leaves
nothing behind in which the next mail could get caught. Up to `window` mails are on their way; after a fault all of them
are uncertain, so the first one goes alone, and the others follow when the server has shown that it can do this.
"""

from __future__ import annotations

from typing import ClassVar

from transports.contract import Stage
from transports.smtp.commands import chunk
from transports.smtp.conversation import Conversation, Flight, only
from transports.smtp.features import Features
from transports.smtp.replies import BadReply, Reply

_UNKNOWN_COMMAND = (500, 501, 502, 503, 504)  # RFC 5321 §4.2.4: about the command, not about the mail


class Chunked(Conversation):
    """A conversation with a server that offers PIPELINING and CHUNKING."""

    several: ClassVar[bool] = True

    def __init__(self, features: Features, *, window: int) -> None:
        super().__init__(features, pipelining=True)
        self._most, self._window = window, 1

    @property
    def ready(self) -> bool:
        return not self.closing and len(self.flights) < self._window

    def begin(self, flight: Flight) -> None:
        """Say all of this mail; nothing of it if the host takes it back."""
        mail = flight.taken.mail
        if not mail.leaving():
            return
        flight.left = True
        self.flights.append(flight)
        message = chunk(flight.taken.message, ready=mail.wire_ready)
        said = flight.envelope
        self._say(b"RSET\r\n%s%sBDAT %d LAST\r\n" % (said.mail, said.rcpt, len(message)))
        self._await(Stage.CONNECT, self._was_reset, flight)
        self._await(Stage.MAIL, self._envelope, flight)
        self._await(Stage.RCPT, self._envelope, flight)
        self._ask(Stage.DOT, self._chunk, flight, message)
        flight.end = self.queued

    def _chunk(self, reply: Reply, flight: Flight) -> bool:
        if flight not in self.flights:  # refused at MAIL or RCPT, and so must this be
            if reply.code < 400:
                raise BadReply(f"a mail whose recipient was refused was answered with {reply.words}")
            return False
        if reply.code in _UNKNOWN_COMMAND:
            flight.passed_over = True
            raise BadReply(f"CHUNKING was offered, but BDAT was answered with {reply.words}")
        only(reply, flight, 2, 4, 5)
        if reply.ok:
            self._taken()
        return True

    def _taken(self) -> None:
        self._window = self._most
        if self.closing:  # it said 421 and goes on all the same
            for other in self.flights:
                other.passed_over = False
