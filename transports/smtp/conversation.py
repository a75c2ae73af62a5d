"""What one connection says and hears from the first envelope on: bytes in, bytes out, no socket, no clock.

Replies come in the order of the commands, so one queue of awaited replies is the whole state. Where the server offers
PIPELINING, an envelope (MAIL, RCPT, DATA) is one write, and the next mail's envelope goes in the same write as the
final dot of the one before (RFC 2920 §3.1). Otherwise each command waits for the reply to the one before.
`chunked.py` is the third manner: several whole mails at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from transports.contract import Stage
from transports.smtp.commands import Envelope, body
from transports.smtp.features import Features
from transports.smtp.replies import BadReply, Reply, ReplyParser
from transports.smtp.supply import Taken


class Abandoned(Exception):
    """The host took a mail back after the server's 354: only dropping the connection keeps it from going."""


@dataclass(slots=True, eq=False)
class Flight:
    """One mail on its way over one connection."""

    taken: Taken
    envelope: Envelope
    stage: Stage = Stage.MAIL  # the last command that was answered
    left: bool = False  # leaving() was True: the body may be on the wire
    passed_over: bool = False  # the server said clearly that it takes no such body, or nothing more at all
    end: int = 0  # where the last byte of the body ends in everything that this connection was given to write


_MAIL, _RCPT, _DATA = Stage.MAIL, Stage.RCPT, Stage.DATA
_Understand = Callable[[Reply, Flight], bool]  # whether the reply settles the flight
# A reply that is awaited: at which stage, who understands it, for which mail, and where its command ends.
_Awaited = tuple[Stage, _Understand, Flight, int]


class Conversation:
    """The transactions of one connection that has greeted, encrypted and logged in."""

    several: ClassVar[bool] = False  # whether the bodies of several mails may be on their way at once

    def __init__(self, features: Features, *, pipelining: bool) -> None:
        self.features = features
        self.pipelining = pipelining and features.pipelining
        self.flights: list[Flight] = []  # not answered yet
        self.closing = False  # the server said 421, or we have lost our place: nothing more is begun
        self.queued = 0  # bytes given out so far
        self._awaited: deque[_Awaited] = deque()
        self._out: list[bytes] = []
        self._parser = ReplyParser()
        self._replies: Iterator[Reply] = iter(())

    @property
    def ready(self) -> bool:
        """Whether another mail may begin now."""
        if self.closing or not self._awaited:
            return not self.closing
        return self.pipelining and self._awaited[-1][0] is not _DATA and len(self.flights) < 2

    @property
    def waiting(self) -> bool:
        """Whether a reply is awaited."""
        return bool(self._awaited)

    def awaits(self, flight: Flight) -> Stage:
        """The command of this flight whose reply is awaited."""
        return next((stage for stage, _, one, _ in self._awaited if one is flight), flight.stage)

    def begin(self, flight: Flight) -> None:
        """Say the envelope of this mail, or as much of it as the server may hear at once."""
        self.flights.append(flight)
        if self.pipelining:
            mail, rcpt = flight.envelope
            self._say(b"%b%bDATA\r\n" % (mail, rcpt))
            understand, end = self._envelope, self.queued
            self._awaited += (
                (_MAIL, understand, flight, end),
                (_RCPT, understand, flight, end),
                (_DATA, self._data, flight, end),
            )
        else:
            self._ask(Stage.MAIL, self._envelope, flight, flight.envelope.mail)

    def output(self) -> bytes:
        """What is to be written now."""
        if not self._out:
            return b""
        out = self._out[0] if len(self._out) == 1 else b"".join(self._out)
        self._out.clear()
        return out

    def hear(self, data: bytes) -> None:
        """Take in what has come. `answer` tells what it says."""
        self._replies = self._parser.feed(data)

    def answer(self, written: int) -> tuple[Flight, Reply] | None:
        """The next mail that is answered by what was heard, its `stage`, and the reply that decided.

        `written` says how much of the output has been written: what answers more than that is no answer.
        Raises `BadReply` and `Abandoned`.
        """
        awaited = self._awaited
        for reply in self._replies:
            if reply.code == 250 and awaited and self.pipelining and not self.closing:
                stage, _, one, end = awaited[0]
                if (
                    stage is _RCPT or stage is _MAIL
                ) and end <= written:  # what is heard most: nothing follows
                    awaited.popleft()
                    one.stage = stage
                    continue
            flight = self._heard(reply, written)
            if flight is not None:
                self.flights.remove(flight)
                return flight, reply
        return None

    def _heard(self, reply: Reply, written: int) -> Flight | None:
        """The flight that this reply settles, if it settles one."""
        if not self._awaited:
            self._unasked(reply)
            return None
        stage, understand, flight, end = self._awaited.popleft()
        if self.closing and not flight.left:
            return None  # what was said behind a 421 counts for nothing
        if end > written:
            self._early(stage, reply)
        if reply.code == 421:
            self._close(flight)
        flight.stage = stage
        return flight if understand(reply, flight) else None

    def _unasked(self, reply: Reply) -> None:
        if reply.code != 421:
            raise BadReply(f"the server spoke unasked: {reply.words}")
        self.closing = True

    def _early(self, stage: Stage, reply: Reply) -> None:
        """The whole command has not been written yet: only a body may be refused half-way, and that ends the line."""
        if stage is not Stage.DOT or reply.code < 400:
            raise BadReply(f"the server answered what was not asked yet: {reply.words}")
        self.closing = True

    def _close(self, flight: Flight) -> None:
        """The server closes the connection (RFC 5321 §3.8), so it takes nothing that stands behind this mail."""
        self.closing = True
        for other in self.flights:
            other.passed_over = other is not flight

    def _envelope(self, reply: Reply, flight: Flight) -> bool:
        if reply.ok and self.pipelining:
            return False
        only(reply, flight, 2, 4, 5)
        if flight not in self.flights:
            return False  # refused at MAIL: RCPT and DATA of the same write are refused too
        if not self.pipelining:
            self._go_on(reply, flight)
        return not reply.ok

    def _go_on(self, reply: Reply, flight: Flight) -> None:
        """In lock-step: the next command."""
        if not reply.ok:
            self._reset(flight)
        elif flight.stage is Stage.MAIL:
            self._ask(Stage.RCPT, self._envelope, flight, flight.envelope.rcpt)
        else:
            self._ask(Stage.DATA, self._data, flight, b"DATA\r\n")

    def _data(self, reply: Reply, flight: Flight) -> bool:
        unanswered = flight in self.flights
        if reply.code == 354 and unanswered:
            self._go(flight)
            return False
        if reply.code == 354:  # although the recipient was refused: RFC 2920 §3.1
            self._ask(Stage.CONNECT, self._cleaned, flight, b".\r\n")
        elif reply.code < 400:
            raise BadReply(f"DATA was answered with {reply.words}")
        self._reset(flight)
        return unanswered

    def _go(self, flight: Flight) -> None:
        mail = flight.taken.mail
        if not mail.leaving():
            self.flights.remove(flight)
            raise Abandoned("the host took the mail back")
        flight.left = True
        flight.stage = Stage.DOT
        self._ask(Stage.DOT, self._dot, flight, body(flight.taken.message, ready=mail.wire_ready))
        flight.end = self.queued

    def _dot(self, reply: Reply, flight: Flight) -> bool:
        only(reply, flight, 2, 4, 5)
        return True

    def _cleaned(self, reply: Reply, flight: Flight) -> bool:
        return False

    def _was_reset(self, reply: Reply, flight: Flight) -> bool:
        if not (reply.ok or self.closing):
            raise BadReply(f"RSET was refused: {reply.words}")
        return False

    def _reset(self, flight: Flight) -> None:
        if not self.closing:
            self._ask(Stage.CONNECT, self._was_reset, flight, b"RSET\r\n")

    def _ask(self, stage: Stage, understand: _Understand, flight: Flight, data: bytes) -> None:
        self._say(data)
        self._await(stage, understand, flight)

    def _await(self, stage: Stage, understand: _Understand, flight: Flight) -> None:
        self._awaited.append((stage, understand, flight, self.queued))

    def _say(self, data: bytes) -> None:
        self._out.append(data)
        self.queued += len(data)


def only(reply: Reply, flight: Flight, *classes: int) -> None:
    """Anything but a reply of one of these classes means that we lost our place."""
    if reply.code // 100 not in classes:
        raise BadReply(f"{flight.stage.upper()} was answered with {reply.words}")
