"""K connections in one loop: fills those that are free, reads those that answer, replaces those that break."""

from __future__ import annotations

import logging
import selectors
import time
from collections.abc import Callable, Iterator

from transports.contract import Delivery, Stage, Status
from transports.errors import RateLimited, TemporaryError, TransportError
from transports.smtp.commands import Unfit
from transports.smtp.conversation import Abandoned, Flight
from transports.smtp.line import Line
from transports.smtp.openings import Openings
from transports.smtp.patience import Patience
from transports.smtp.replies import BadReply, Reply
from transports.smtp.supply import Supply
from transports.smtp.verdicts import delivery, trouble
from transports.smtp.wire import LineLost, TooSlow

TRIES = 3  # how often one mail is begun on lines that break before its body
_TICK = 0.25  # how often deadlines are looked at
_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Pool:
    """Keeps its connections from one `send` to the next. One thread only."""

    def __init__(self, open_line: Callable[[bool], Line], patience: Patience, log: logging.Logger) -> None:
        self._patience, self._log = patience, log
        self._openings = Openings(lambda: open_line(self._pipelining))
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._openings.wake, _READ, None)
        self._lines: set[Line] = set()
        self._size = 1
        self._pipelining = True
        self._worked = False  # a connection has been opened with these settings
        self._failures = 0  # openings or fresh connections that failed in a row
        self._next_try = 0.0  # when a connection may be opened while there is none
        self._grow_at = 0.0  # when one more may be opened beside others
        self._next_tick = 0.0
        self._trouble: Exception | None = None

    def resize(self, connections: int) -> None:
        """Use at most so many connections from now on."""
        self._size = connections
        self._shrink()

    def close(self) -> None:
        """Let go of everything."""
        for line in list(self._lines):
            self._drop(line, politely=not line.talk.flights)
        self._openings.close()
        self._selector.close()

    def send(self, supply: Supply) -> Iterator[Delivery]:
        """Send all of it. Raises at the end what kept mails from being begun, once no answer is missing."""
        self._trouble, self._failures = None, 0
        self._next_try = self._grow_at = 0.0
        for line in [line for line in self._lines if not line.alive()]:
            self._drop(line, politely=True)
        try:
            while self._staff(supply):
                for line in [line for line in self._lines if line.talk.ready]:
                    yield from self._serve(line, supply, 0)
                yield from self._turn(supply)
        finally:
            supply.stop()
            for line in [line for line in self._lines if line.talk.waiting or line.blocked]:
                self._drop(line, politely=False)
        if self._trouble is not None:
            raise self._trouble

    def _staff(self, supply: Supply) -> bool:
        """Take in new connections and open more where mails wait; False when all is done."""
        for opened in self._openings.collect():
            self._take_in(opened, supply)
        self._shrink()
        if self._trouble is None:
            try:
                self._open_more(supply)
            except Exception as error:
                self._fail(error, supply)
        busy = any(line.talk.waiting or line.blocked for line in self._lines)
        return busy or (self._trouble is None and not supply.ended)

    def _shrink(self) -> None:
        """Hang up where there are more connections than wanted; those at work follow when they are free."""
        if len(self._lines) > self._size:
            for line in [line for line in self._lines if not (line.talk.waiting or line.blocked)]:
                if len(self._lines) > self._size:
                    self._drop(line, politely=True)

    def _open_more(self, supply: Supply) -> None:
        room = self._size - len(self._lines) - self._openings.pending
        alone = not self._worked and self._openings.pending  # one wrong password is enough
        if (
            room <= 0
            or alone
            or time.monotonic() < max(self._next_try, self._grow_at if self._lines else 0.0)
        ):
            return
        if any(line.talk.ready for line in self._lines) or not supply.wanted():
            return
        for _ in range(min(room, max(1, len(self._lines)))):
            self._openings.start()

    def _take_in(self, opened: Line | Exception, supply: Supply) -> None:
        if isinstance(opened, Line):
            self._worked = True
            self._lines.add(opened)
            self._selector.register(opened, _READ, opened)
            return
        self._failures += 1
        if self._lines:  # the server may just not want so many
            self._log.info("No further connection: %s", opened)
            self._grow_at = time.monotonic() + 30
        elif self._openings.pending == 0:
            self._none_left(opened, supply)

    def _none_left(self, error: Exception, supply: Supply) -> None:
        """No connection, and none to be had: pause and try again, if that may help."""
        may_pass = isinstance(error, TemporaryError) and not isinstance(error, RateLimited)
        if self._worked and may_pass and self._failures <= len(self._patience.pauses):
            self._next_try = time.monotonic() + self._patience.pauses[self._failures - 1]
        else:
            self._fail(error, supply)

    def _turn(self, supply: Supply) -> Iterator[Delivery]:
        """Wait for something to happen, and deal with it."""
        for key, mask in self._selector.select(0.02 if supply.pausing else _TICK):
            if isinstance(key.data, Line) and key.data in self._lines:
                yield from self._serve(key.data, supply, mask)
        now = time.monotonic()
        if now >= self._next_tick:
            self._next_tick = now + _TICK
            yield from self._look_at_clocks(now, supply)

    def _look_at_clocks(self, now: float, supply: Supply) -> Iterator[Delivery]:
        for line in list(self._lines):
            if line.talk.waiting or line.blocked:
                if now > line.deadline:
                    yield from self._lost(line, TooSlow("The server did not answer in time."), supply)
            elif now - line.idle_since > self._patience.idle:
                self._drop(line, politely=True)

    def _serve(self, line: Line, supply: Supply, mask: int) -> Iterator[Delivery]:
        """Hear what has come on this line, begin what it has room for, and write."""
        try:
            if mask & _READ:
                for flight, stage, reply in line.hear():
                    yield from self._answered(line, flight, stage, reply, supply)
            yield from self._fill(line, supply)
            line.flush()
        except (LineLost, BadReply, Abandoned) as why:
            yield from self._lost(line, why, supply)
            return
        except Exception as error:  # the host's own: its iterator, its mail, its journal
            self._fail(error, supply)
            yield from self._finish_body(line, supply)
        if line.spent:
            yield from self._lost(line, LineLost("The server closed the connection."), supply)
        elif line in self._lines:
            self._watch(line)

    def _finish_body(self, line: Line, supply: Supply) -> Iterator[Delivery]:
        """After a failure of the host: a body that was announced goes out whole, everything else is dropped."""
        if not any(flight.left for flight in line.talk.flights):
            self._drop(line, politely=False)
            return
        try:
            line.flush()
        except LineLost as why:
            yield from self._lost(line, why, supply)

    def _fill(self, line: Line, supply: Supply) -> Iterator[Delivery]:
        while self._trouble is None and line.talk.ready and len(self._lines) <= self._size:
            taken = supply.take()
            if taken is None:
                return
            try:
                line.begin(taken)
            except Unfit as why:
                key, detail = taken.mail.key, why.detail
                yield Delivery(key, Status.REJECTED, why.stage, code=why.code, detail=detail, peer=line.peer)

    def _answered(
        self, line: Line, flight: Flight, stage: Stage, reply: Reply, supply: Supply
    ) -> Iterator[Delivery]:
        if reply.code == 421 and stage is Stage.MAIL and line.answered > 1 and flight.taken.tries < TRIES:
            supply.give_back(flight.taken)  # enough mails, or too long a pause, for this connection
            return
        self._failures = 0
        error = trouble(stage, reply)
        if error is None:
            yield delivery(flight.taken.mail.key, stage, reply, peer=line.peer, tls=line.tls)
        else:
            self._fail(error, supply)

    def _lost(self, line: Line, why: Exception, supply: Supply) -> Iterator[Delivery]:
        """One line is gone: say what became of its mails."""
        self._drop(line, politely=False)
        if isinstance(why, (BadReply, TooSlow)):
            self._pipelining = False  # perhaps it only pretends to be able to
        if not line.answered and not isinstance(why, Abandoned):
            self._count_failure(why, supply)
        for flight in reversed(line.talk.flights):
            if flight.left or flight.taken.tries >= TRIES:
                yield _broken(line, flight, str(why))
            else:
                supply.give_back(flight.taken)

    def _count_failure(self, why: Exception, supply: Supply) -> None:
        """A connection broke before it was of any use; several in a row mean that nothing can be sent."""
        self._failures += 1
        pauses = self._patience.pauses
        if self._failures > 1 and pauses:
            self._next_try = time.monotonic() + pauses[min(self._failures - 2, len(pauses) - 1)]
        if self._failures >= max(6, 2 * self._size):
            hint = "Try the connection test; ask your provider if it stays so."
            self._fail(TemporaryError("The server breaks every connection.", str(why), hint), supply)

    def _fail(self, error: Exception, supply: Supply) -> None:
        """Begin nothing more; the answers that are still missing are waited for."""
        self._trouble = self._trouble or error
        supply.stop()
        for line in [line for line in self._lines if line.talk.waiting]:
            if not any(flight.left for flight in line.talk.flights):
                self._drop(line, politely=False)
        if not isinstance(error, TransportError):
            self._log.error("Sending stops: %s", type(error).__name__)

    def _drop(self, line: Line, *, politely: bool) -> None:
        if line in self._lines:
            self._lines.discard(line)
            self._selector.unregister(line)
            line.hang_up(politely=politely)

    def _watch(self, line: Line) -> None:
        wanted = _READ | _WRITE if line.blocked else _READ
        if self._selector.get_key(line).events != wanted:
            self._selector.modify(line, wanted, line)


def _broken(line: Line, flight: Flight, why: str) -> Delivery:
    """The outcome of a mail whose line broke: only what surely has not gone may be tried again by itself."""
    if line.may_have_gone(flight):
        status, stage = Status.UNKNOWN, Stage.DOT
    else:
        status, stage = Status.DEFERRED, Stage.BODY if flight.left else line.talk.awaits(flight)
    return Delivery(flight.taken.mail.key, status, stage, detail=why, peer=line.peer, tls=line.tls)
