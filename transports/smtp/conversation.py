"""What one connection says and hears from the first envelope on: bytes in, bytes out, no socket, no clock.

Replies come in the order of the commands, so one queue of awaited replies is the whole state. Where the server offers
PIPELINING, an envelope (MAIL, RCPT, DATA) is one write, and the next mail's envelope goes in the same write as the
final dot of the one before (RFC 2920 §3.1). Otherwise each command waits for the reply to the one before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

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
    end: int = 0  # where the final dot ends in everything that this connection was given to write


class _Awaits(Enum):
    MAIL = 1
    RCPT = 2
    DATA = 3
    DOT = 4
    RESET = 5
    EMPTY_DOT = 6  # ends a body that we must not send: 354 was given although the recipient was refused


class Conversation:
    """The transactions of one connection that has greeted, encrypted and logged in."""

    def __init__(self, features: Features, *, pipelining: bool) -> None:
        self.features = features
        self.pipelining = pipelining and features.pipelining
        self.flights: list[Flight] = []  # not answered yet
        self.closing = False  # the server said 421
        self.queued = 0  # bytes given out so far
        self._awaited: deque[tuple[_Awaits, Flight | None, int]] = deque()  # the last: where the command ends
        self._out: list[bytes] = []
        self._parser = ReplyParser()

    @property
    def ready(self) -> bool:
        """Whether another mail may begin now."""
        if self.closing or not self._awaited:
            return not self.closing
        return (
            self.pipelining and all(step in _OPEN for step, _, _ in self._awaited) and len(self.flights) < 2
        )

    @property
    def waiting(self) -> bool:
        """Whether a reply is awaited."""
        return bool(self._awaited)

    @property
    def awaits_dot(self) -> bool:
        """Whether the reply that is awaited now is the one to a final dot."""
        return bool(self._awaited) and self._awaited[0][0] is _Awaits.DOT

    def awaits(self, flight: Flight) -> Stage:
        """The command of this flight whose reply is awaited."""
        return next((_STAGE[step] for step, one, _ in self._awaited if one is flight), flight.stage)

    def begin(self, flight: Flight) -> None:
        """Say the envelope of this mail, or as much of it as the server may hear at once."""
        self.flights.append(flight)
        if self.pipelining:
            self._say(flight.envelope.mail + flight.envelope.rcpt + b"DATA\r\n")
            self._awaited += ((step, flight, self.queued) for step in _ENVELOPE)
        else:
            self._ask(_Awaits.MAIL, flight, flight.envelope.mail)

    def output(self) -> bytes:
        """What is to be written now."""
        out = self._out[0] if len(self._out) == 1 else b"".join(self._out)
        self._out.clear()
        return out

    def hear(self, data: bytes, written: int) -> Iterator[tuple[Flight, Stage, Reply]]:
        """Each mail that is answered now, with the reply that decided. Raises `BadReply` and `Abandoned`.

        `written` says how much of the output has been written: what answers more than that is no answer.
        """
        for reply in self._parser.feed(data):
            flight = self._heard(reply, written)
            if flight is not None:
                self.flights.remove(flight)
                yield flight, flight.stage, reply

    def _heard(self, reply: Reply, written: int) -> Flight | None:
        """The flight that this reply settles, if it settles one."""
        if not self._awaited:
            raise BadReply(f"the server spoke unasked: {reply.words}")
        step, flight, asked = self._awaited.popleft()
        if self.closing:
            return None  # what was said behind a 421 counts for nothing
        refused_early = step is _Awaits.DOT and reply.code >= 400
        if asked > written and not refused_early:
            raise BadReply(f"the server answered what was not asked yet: {reply.words}")
        self.closing = reply.code == 421 or asked > written
        if flight is None:
            self._after_cleaning(step, reply)
            return None
        flight.stage = _STAGE[step]
        if step is _Awaits.DOT:
            return _only(reply, flight, 200, 400, 500)
        if step is _Awaits.DATA:
            return self._data(reply, flight)
        return self._envelope(step, reply, flight)

    def _after_cleaning(self, step: _Awaits, reply: Reply) -> None:
        if step is _Awaits.RESET and not (reply.ok or self.closing):
            raise BadReply(f"RSET was refused: {reply.words}")

    def _envelope(self, step: _Awaits, reply: Reply, flight: Flight) -> Flight | None:
        _only(reply, flight, 200, 400, 500)
        if flight not in self.flights:
            return None  # refused at MAIL: RCPT and DATA of the same write are refused too
        if not self.pipelining:
            if reply.ok and step is _Awaits.MAIL:
                self._ask(_Awaits.RCPT, flight, flight.envelope.rcpt)
            elif reply.ok:
                self._ask(_Awaits.DATA, flight, b"DATA\r\n")
            else:
                self._reset()
        return None if reply.ok else flight

    def _data(self, reply: Reply, flight: Flight) -> Flight | None:
        answered = flight not in self.flights
        if reply.code == 354 and not answered:
            self._go(flight)
            return None
        if reply.code == 354:
            self._ask(_Awaits.EMPTY_DOT, None, b".\r\n")  # RFC 2920 §3.1
        elif reply.code < 400:
            raise BadReply(f"DATA was answered with {reply.words}")
        self._reset()
        return None if answered else flight

    def _go(self, flight: Flight) -> None:
        if not flight.taken.mail.leaving():
            self.flights.remove(flight)
            raise Abandoned("the host took the mail back")
        flight.left = True
        flight.stage = Stage.DOT
        self._ask(_Awaits.DOT, flight, body(flight.taken.message, ready=flight.taken.mail.wire_ready))
        flight.end = self.queued

    def _reset(self) -> None:
        if not self.closing:
            self._ask(_Awaits.RESET, None, b"RSET\r\n")

    def _ask(self, step: _Awaits, flight: Flight | None, data: bytes) -> None:
        self._say(data)
        self._awaited.append((step, flight, self.queued))

    def _say(self, data: bytes) -> None:
        self._out.append(data)
        self.queued += len(data)


_ENVELOPE = (_Awaits.MAIL, _Awaits.RCPT, _Awaits.DATA)
_OPEN = (_Awaits.DOT, _Awaits.RESET, _Awaits.EMPTY_DOT)
_STAGE = {
    _Awaits.MAIL: Stage.MAIL,
    _Awaits.RCPT: Stage.RCPT,
    _Awaits.DATA: Stage.DATA,
    _Awaits.DOT: Stage.DOT,
}


def _only(reply: Reply, flight: Flight, *classes: int) -> Flight:
    """The flight, if the reply is of one of these classes; anything else means that we lost our place."""
    if reply.code // 100 * 100 not in classes:
        raise BadReply(f"{flight.stage.upper()} was answered with {reply.words}")
    return flight
