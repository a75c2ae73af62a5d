"""K connections in one loop: fills those that have room, reads those that answer, replaces those that break."""

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
from transports.smtp.manners import LOCKSTEP, Manners
from transports.smtp.openings import Openings
from transports.smtp.patience import Patience
from transports.smtp.replies import BadReply, Reply
from transports.smtp.supply import PAUSE, Supply, Taken
from transports.smtp.verdicts import delivery, trouble
from transports.smtp.wire import LineLost, TooSlow

TRIES = 3  # how often one mail is begun on lines that break before its body
_TICK = 0.25  # how often deadlines are looked at
_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
_Event = tuple[Line, int]


class Pool:
    """Keeps its connections from one `send` to the next. One thread only."""

    def __init__(
        self,
        open_line: Callable[[Manners], Line],
        manners: Manners,
        patience: Patience,
        log: logging.Logger,
    ) -> None:
        self._manners, self._patience, self._log = manners, patience, log
        self._openings = Openings(lambda: open_line(self._manners))
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._openings.wake, _READ, None)
        self._lines: set[Line] = set()
        self._busy: set[Line] = set()  # those that wait for an answer, or for room to write
        self._hungry: set[Line] = set()  # those that had room for a mail when there was none for them
        self._blocked: set[Line] = set()  # those whose socket had no more room
        self._size = 1
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
        self._hungry |= self._lines
        try:
            while self._staff(supply):
                for line, mask in self._events(supply):
                    if line in self._lines:
                        yield from self._serve(line, supply, mask)
                now = time.monotonic()
                if now >= self._next_tick:
                    self._next_tick = now + _TICK
                    yield from self._look_at_clocks(now, supply)
        finally:
            supply.stop()
            for line in [line for line in self._lines if line.busy]:
                self._drop(line, politely=False)
        if self._trouble is not None:
            raise self._trouble

    def _staff(self, supply: Supply) -> bool:
        """Take in new connections and open more where mails wait; False when all is done."""
        for opened in self._openings.collect():
            self._take_in(opened, supply)
        if len(self._lines) > self._size:
            self._shrink()
        elif self._trouble is None and len(self._lines) < self._size:
            try:
                self._open_more(supply)
            except Exception as error:
                self._fail(error, supply)
        return bool(self._busy) or (self._trouble is None and not supply.ended)

    def _shrink(self) -> None:
        """Hang up where there are more connections than wanted; those at work follow when they are free."""
        for line in [line for line in self._lines if not line.busy]:
            if len(self._lines) > self._size:
                self._drop(line, politely=True)

    def _open_more(self, supply: Supply) -> None:
        room = self._size - len(self._lines) - self._openings.pending
        alone = not self._worked and self._openings.pending  # one wrong password is enough
        if room <= 0 or alone or self._hungry:
            return
        if time.monotonic() < max(self._next_try, self._grow_at if self._lines else 0.0):
            return
        if supply.wanted():
            for _ in range(min(room, max(1, len(self._lines)))):
                self._openings.start()

    def _take_in(self, opened: Line | Exception, supply: Supply) -> None:
        if isinstance(opened, Line):
            self._worked = True
            self._lines.add(opened)
            self._hungry.add(opened)
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

    def _events(self, supply: Supply) -> list[_Event]:
        """The lines that may begin a mail at once, else those on which something happens."""
        pause = _TICK
        if self._hungry and self._begins and not supply.ended:
            if not supply.pausing:
                return [(line, 0) for line in self._hungry]
            pause = PAUSE
        return [(key.data, mask) for key, mask in self._selector.select(pause) if key.data is not None]

    @property
    def _begins(self) -> bool:
        """Whether a mail may be begun at all."""
        return self._trouble is None and len(self._lines) <= self._size

    def _look_at_clocks(self, now: float, supply: Supply) -> Iterator[Delivery]:
        for line in list(self._lines):
            if line in self._busy:
                if now > line.deadline:
                    yield from self._lost(line, TooSlow("The server did not answer in time."), supply)
            elif now - line.idle_since > self._patience.idle:
                self._drop(line, politely=True)

    def _serve(self, line: Line, supply: Supply, mask: int) -> Iterator[Delivery]:
        """Hear what has come on this line, begin what it has room for, and write."""
        try:
            if mask & _READ:
                for flight, reply in line.hear():
                    outcome = self._outcome(line, flight, reply, supply)
                    if outcome is not None:
                        yield outcome
            while (taken := self._next_for(line, supply)) is not None:
                try:
                    line.begin(taken)
                except Unfit as why:
                    yield _unfit(taken, why, line)
            line.flush()
        except (LineLost, BadReply, Abandoned) as why:
            yield from self._lost(line, why, supply)
            return
        except Exception as error:  # the host's own: its iterator, its mail, its journal
            self._fail(error, supply)
            yield from self._finish_body(line, supply)
        if line.talk.closing and line.spent:
            yield from self._lost(line, LineLost("The server closed the connection."), supply)
        elif line in self._lines:
            self._watch(line)

    def _next_for(self, line: Line, supply: Supply) -> Taken | None:
        """The mail that is to begin on this line now."""
        if not line.talk.ready or line not in self._lines:
            self._hungry.discard(line)
            return None
        taken = supply.take() if self._begins else None
        if taken is None:
            self._hungry.add(line)
        return taken

    def _finish_body(self, line: Line, supply: Supply) -> Iterator[Delivery]:
        """After a failure of the host: a body that was announced goes out whole, everything else is dropped."""
        if not line.holds_a_body:
            self._drop(line, politely=False)
            return
        try:
            line.flush()
        except LineLost as why:
            yield from self._lost(line, why, supply)

    def _outcome(self, line: Line, flight: Flight, reply: Reply, supply: Supply) -> Delivery | None:
        """What this reply means for the mail; None if the mail goes back as if it had never been begun."""
        stage, taken = flight.stage, flight.taken
        full = (
            reply.code == 421 and stage is Stage.MAIL and line.answered > 1
        )  # enough mails, or too long a pause
        if full and not flight.left and taken.tries < TRIES:
            supply.give_back(taken)
            return None
        self._failures = 0
        error = None if reply.ok else trouble(stage, reply)
        if error is not None:
            self._fail(error, supply)
            if not flight.left:
                return None
        return delivery(taken.mail.key, stage, reply, peer=line.peer, tls=line.tls)

    def _lost(self, line: Line, why: Exception, supply: Supply) -> Iterator[Delivery]:
        """One line is gone: say what became of its mails."""
        self._drop(line, politely=False)
        if isinstance(why, (BadReply, TooSlow)):
            self._speak_plainly()
        if not line.answered and not isinstance(why, Abandoned):
            self._count_failure(why, supply)
        for flight in reversed(line.talk.flights):
            if flight.left or flight.taken.tries >= TRIES:
                yield _broken(line, flight, str(why))
            else:
                supply.give_back(flight.taken)

    def _speak_plainly(self) -> None:
        """Perhaps the server only pretends to be able to; where several bodies are at stake, no more follow."""
        self._manners = LOCKSTEP
        for line in [line for line in self._lines if line.talk.several]:
            line.talk.closing = True
            if not line.busy:
                self._drop(line, politely=True)

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
        for line in [line for line in self._lines if line.talk.waiting and not line.holds_a_body]:
            self._drop(line, politely=False)
        if not isinstance(error, TransportError):
            self._log.error("Sending stops: %s", type(error).__name__)

    def _drop(self, line: Line, *, politely: bool) -> None:
        if line in self._lines:
            for kept in (self._lines, self._busy, self._hungry, self._blocked):
                kept.discard(line)
            self._selector.unregister(line)
            line.hang_up(politely=politely)

    def _watch(self, line: Line) -> None:
        """Note what this line waits for."""
        blocked = line.blocked
        if blocked or line.talk.waiting:
            self._busy.add(line)
        else:
            self._busy.discard(line)
        if blocked != (line in self._blocked):
            self._blocked ^= {line}
            self._selector.modify(line, _READ | _WRITE if line.blocked else _READ, line)


def _unfit(taken: Taken, why: Unfit, line: Line) -> Delivery:
    key = taken.mail.key
    return Delivery(key, Status.REJECTED, why.stage, code=why.code, detail=why.detail, peer=line.peer)


def _broken(line: Line, flight: Flight, why: str) -> Delivery:
    """The outcome of a mail whose line broke: only what surely has not gone may be tried again by itself."""
    if line.may_have_gone(flight):
        status, stage = Status.UNKNOWN, Stage.DOT
    else:
        status, stage = Status.DEFERRED, Stage.BODY if flight.left else line.talk.awaits(flight)
    return Delivery(flight.taken.mail.key, status, stage, detail=why, peer=line.peer, tls=line.tls)
