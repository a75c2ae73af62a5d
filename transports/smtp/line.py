"""A connection that is ready for mail: the socket and the conversation on it."""

from __future__ import annotations

import time
from collections.abc import Iterator

from transports.contract import Stage
from transports.smtp.commands import envelope
from transports.smtp.conversation import Conversation, Flight
from transports.smtp.patience import Patience
from transports.smtp.replies import Reply
from transports.smtp.session import Session
from transports.smtp.supply import Taken
from transports.smtp.wire import LineLost


class Line:
    """Never waits; the pool tells it when there is something to read or room to write."""

    def __init__(self, session: Session, *, pipelining: bool, patience: Patience) -> None:
        self.peer = session.peer
        self.tls = session.wire.tls
        self.talk = Conversation(session.features, pipelining=pipelining)
        self.answered = 0  # mails that got an answer on this connection
        self.deadline = 0.0
        self.idle_since = time.monotonic()
        self._wire = session.wire
        self._patience = patience
        self._unsent = memoryview(b"")
        self._written = 0

    def fileno(self) -> int:
        return self._wire.fileno()

    @property
    def blocked(self) -> bool:
        """Whether bytes wait for room in the socket."""
        return len(self._unsent) > 0

    @property
    def spent(self) -> bool:
        """Whether this connection can only be dropped: the server closes it, and no answer is missing."""
        return self.talk.closing and not any(flight.left for flight in self.talk.flights)

    def begin(self, taken: Taken) -> None:
        """Start a transaction; raises `commands.Unfit` if the server cannot take this mail."""
        mail = taken.mail
        said = envelope(mail.sender, mail.recipient, taken.message, self.talk.features)
        taken.tries += 1
        self.talk.begin(Flight(taken, said))

    def flush(self) -> None:
        """Write what there is to say, as far as there is room."""
        silent = True
        while self._unsent or self._next_words():
            silent = False
            took = self._wire.write(self._unsent)
            self._written += took
            self._unsent = self._unsent[took:]
            if self._unsent:
                return
            self._await_answer()
        if silent and self.talk.waiting:
            self._wire.acknowledge()

    def _next_words(self) -> bool:
        self._unsent = memoryview(self.talk.output())
        self.deadline = time.monotonic() + self._patience.body if self._unsent else self.deadline
        return bool(self._unsent)

    def hear(self) -> Iterator[tuple[Flight, Stage, Reply]]:
        """The mails that are answered by what has come. Raises `LineLost`, `BadReply` and `Abandoned`."""
        while (data := self._wire.read()) is not None:
            if not data:
                raise LineLost("The server hung up.")
            for answer in self.talk.hear(data, self._written):
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
        """Whether the final dot of this mail has been handed to the system."""
        return flight.left and self._written >= flight.end

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
        self.idle_since = time.monotonic()
        self.deadline = self.idle_since + (
            self._patience.dot if self.talk.awaits_dot else self._patience.command
        )
