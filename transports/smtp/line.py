"""A connection that is ready for mail: the socket and the conversation on it."""

from __future__ import annotations

import time
from collections.abc import Iterator

from transports.smtp.chunked import Chunked
from transports.smtp.commands import envelope
from transports.smtp.conversation import Conversation, Flight
from transports.smtp.features import Features
from transports.smtp.manners import Manners
from transports.smtp.patience import Patience
from transports.smtp.replies import Reply
from transports.smtp.session import Session
from transports.smtp.supply import Taken
from transports.smtp.wire import LineLost


class Line:
    """Never waits; the pool tells it when there is something to read or room to write."""

    def __init__(self, session: Session, manners: Manners, patience: Patience) -> None:
        self.peer = session.peer
        self.tls = session.wire.tls
        self.talk = _conversation(session.features, manners)
        self.answered = 0  # mails that got an answer on this connection
        self.deadline = 0.0
        self.idle_since = time.monotonic()
        self._wire = session.wire
        self._patience, self._dot, self._command = patience, patience.dot, patience.command
        self._unsent: bytes | memoryview = b""
        self._written = 0

    def fileno(self) -> int:
        return self._wire.fileno()

    @property
    def blocked(self) -> bool:
        """Whether bytes wait for room in the socket."""
        return len(self._unsent) > 0

    @property
    def busy(self) -> bool:
        """Whether a reply is awaited, or there is something left to write."""
        return self.talk.waiting or self.blocked

    @property
    def holds_a_body(self) -> bool:
        """Whether the answer to a mail that may be on its way is still missing."""
        return any(flight.left for flight in self.talk.flights)

    @property
    def spent(self) -> bool:
        """Whether this connection can only be dropped: the server closes it, and no answer is missing."""
        return self.talk.closing and not self.holds_a_body

    def begin(self, taken: Taken) -> None:
        """Start a transaction; raises `commands.Unfit` if the server cannot take this mail."""
        mail = taken.mail
        said = envelope(mail.sender, mail.recipient, taken.message, self.talk.features)
        taken.tries += 1
        self.talk.begin(Flight(taken, said))

    def flush(self) -> None:
        """Write what there is to say, as far as there is room."""
        said = self._unsent
        rest = bool(said)
        if not said and not (said := self.talk.output()):
            if self.talk.waiting:
                self._wire.acknowledge()
            return
        while said:
            took = self._wire.write(said)
            self._written += took
            if took < len(said):
                self._unsent = memoryview(said)[took:]
                if not rest:
                    self.deadline = time.monotonic() + self._patience.body
                return
            said, rest = self.talk.output(), False
        self._unsent = b""
        self._await_answer()

    def hear(self) -> Iterator[tuple[Flight, Reply]]:
        """The mails that are answered by what has come. Raises `LineLost`, `BadReply` and `Abandoned`."""
        while (data := self._wire.read()) is not None:
            if not data:
                raise LineLost("The server hung up.")
            self.talk.hear(data)
            while (answer := self.talk.answer(self._written)) is not None:
                self.answered += 1
                self._await_answer()
                yield answer
            if not self._wire.pending:
                break

    def alive(self) -> bool:
        """Whether an unused connection can still be trusted with a mail."""
        if time.monotonic() - self.idle_since > self._patience.idle:
            return False
        try:
            return self._wire.read() is None
        except LineLost:
            return False

    def may_have_gone(self, flight: Flight) -> bool:
        """Whether all of this mail has been handed to the system, and nobody said that it was not taken."""
        return flight.left and not flight.passed_over and self._written >= flight.end

    def hang_up(self, *, politely: bool) -> None:
        """Close; QUIT is said but its answer is never waited for."""
        if politely:
            try:
                self._wire.write(b"QUIT\r\n")
            except LineLost:
                pass
        self._wire.close()

    def _await_answer(self) -> None:
        """Start the clock for the answer that is awaited now; half an answer never starts it again."""
        now = self.idle_since = time.monotonic()
        flights = self.talk.flights  # is the next answer the one to a body?
        self.deadline = now + (self._dot if flights and flights[0].left else self._command)


def _conversation(features: Features, manners: Manners) -> Conversation:
    if manners.window > 1 and manners.pipelining and features.pipelining and features.chunking:
        return Chunked(features, window=manners.window)
    return Conversation(features, pipelining=manners.pipelining)
