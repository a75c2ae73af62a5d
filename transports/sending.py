"""Makes `Transport.send` of `send_one`: one mail after another, or a few threads, with one promise.

Whatever a plugin's `send_one` does, each mail that left gets exactly one `Delivery`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from transports.contract import Delivery, OutgoingMail, Stage, Status, Transport
from transports.errors import MaybeSent, TemporaryError, TransportError

PAUSE = 0.02  # seconds until the host is asked again after it said that nothing may leave
GRACE = 120.0  # seconds that an abandoned round waits for requests which are under way


class BrokenPromise(Exception):
    """A plugin's `send_one` did what its contract forbids; the sentence is for its author."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one call of `send_one`: what is known of the mail, and what ends the session."""

    delivery: Delivery | None = None
    trouble: Exception | None = None


def send_each(transport: Transport, mails: Iterable[OutgoingMail | None]) -> Iterator[Delivery]:
    """The outcomes of `send_one` for each mail, sequentially or from as many threads as `open` granted."""
    if transport.connections > 1:
        return _together(transport, mails)
    return _one_by_one(transport, mails)


def attempt(transport: Transport, mail: OutgoingMail) -> Outcome:
    """One call of `send_one`, whose every result and exception becomes an `Outcome`."""
    handed = _Handed(mail)
    try:
        transport.refuse_unsupported(mail)
        delivery = transport.send_one(handed)
    except MaybeSent as lost:
        return Outcome(_unknown(mail, lost.detail), None if handed.left else _never_asked(transport))
    except TransportError as trouble:
        return Outcome(_deferred(mail, trouble) if handed.left else None, trouble)
    except Exception as fault:
        return Outcome(_unknown(mail, type(fault).__name__) if handed.left else None, fault)
    return _judged(transport, handed, delivery)


class _Handed(OutgoingMail):
    """The host's mail as a plugin sees it: it notes whether the mail left, and keeps a plugin from changing it."""

    def __init__(self, mail: OutgoingMail) -> None:
        self._mail = mail
        self.left = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._mail, name)

    def to_bytes(self) -> bytes:
        return self._mail.to_bytes()

    def leaving(self) -> bool:
        if self.left:
            raise BrokenPromise("mail.leaving() was called twice for one mail.")
        self.left = self._mail.leaving()
        return self.left


def _judged(transport: Transport, handed: _Handed, delivery: Delivery | None) -> Outcome:
    if delivery is None:
        if not handed.left:
            return Outcome()
        fault = BrokenPromise(f"send_one of {transport.kind} returned nothing for a mail that had left.")
        return Outcome(_unknown(handed, str(fault)), fault)
    if not isinstance(delivery, Delivery) or delivery.key != handed.key:
        fault = BrokenPromise(
            f"send_one of {transport.kind} returned something else than the Delivery of this mail."
        )
        return Outcome(_unknown(handed, str(fault)) if handed.left else None, fault)
    if not handed.left and delivery.status in (Status.ACCEPTED, Status.UNKNOWN):
        return Outcome(delivery, _never_asked(transport))
    return Outcome(delivery)


def _never_asked(transport: Transport) -> BrokenPromise:
    return BrokenPromise(f"send_one of {transport.kind} sent a mail without calling mail.leaving() first.")


def _unknown(mail: OutgoingMail, detail: str) -> Delivery:
    return Delivery(mail.key, Status.UNKNOWN, Stage.API, detail=detail)


def _deferred(mail: OutgoingMail, trouble: TransportError) -> Delivery:
    later = trouble.retry_after if isinstance(trouble, TemporaryError) else None
    return Delivery(mail.key, Status.DEFERRED, Stage.API, detail=trouble.reason, retry_after=later)


def _one_by_one(transport: Transport, mails: Iterable[OutgoingMail | None]) -> Iterator[Delivery]:
    for mail in mails:
        if mail is None:
            time.sleep(PAUSE)
            continue
        outcome = attempt(transport, mail)
        if outcome.delivery is not None:
            yield outcome.delivery
        if outcome.trouble is not None:
            raise outcome.trouble


def _together(transport: Transport, mails: Iterable[OutgoingMail | None]) -> Iterator[Delivery]:
    crew = _Crew(transport)
    supply = _Supply(mails)
    trouble: Exception | None = None
    try:
        while crew.busy or (trouble is None and not supply.ended):
            while (
                trouble is None and crew.busy < transport.connections and (mail := supply.next()) is not None
            ):
                crew.send(mail)
            outcome = crew.outcome(PAUSE if trouble is None and supply.paused else None)
            if outcome is None:
                continue
            trouble = trouble or outcome.trouble
            if outcome.delivery is not None:
                yield outcome.delivery
    finally:
        crew.dismiss()
    if trouble or supply.trouble:
        raise trouble or supply.trouble or AssertionError


class _Supply:
    """The host's mails, asked for one at a time and only in the host's own thread."""

    def __init__(self, mails: Iterable[OutgoingMail | None]) -> None:
        self._mails = iter(mails)
        self.ended = False
        self.paused = False
        self.trouble: Exception | None = None

    def next(self) -> OutgoingMail | None:
        """A mail; None when there are no more of them (`ended`) or none just now (`paused`)."""
        if self.ended:
            return None
        try:
            mail = next(self._mails)
        except StopIteration:
            mail, self.ended = None, True
        except Exception as trouble:  # the outcomes of what is under way come first
            mail, self.ended, self.trouble = None, True, trouble
        self.paused = mail is None and not self.ended
        return mail


class _Crew:
    """The threads of one round. They are started as they are needed and are gone when it ends."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._todo: SimpleQueue[OutgoingMail | None] = SimpleQueue()
        self._done: SimpleQueue[Outcome] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self.busy = 0

    def send(self, mail: OutgoingMail) -> None:
        self.busy += 1
        if self.busy > len(self._threads):
            name = f"{self._transport.kind}-{len(self._threads) + 1}"
            self._threads.append(threading.Thread(target=self._work, daemon=True, name=name))
            self._threads[-1].start()
        self._todo.put(mail)

    def outcome(self, seconds: float | None) -> Outcome | None:
        """The next outcome, waiting for it up to `seconds`; None if there is none by then."""
        if not self.busy:
            time.sleep(seconds or 0)
            return None
        try:
            outcome = self._done.get(timeout=seconds)
        except Empty:
            return None
        self.busy -= 1
        return outcome

    def dismiss(self) -> None:
        for _ in self._threads:
            self._todo.put(None)
        ends = time.monotonic() + GRACE
        for thread in self._threads:
            thread.join(max(0.0, ends - time.monotonic()))
            if thread.is_alive():
                self._transport.log.error("%s is still busy and was left behind", thread.name)

    def _work(self) -> None:
        while (mail := self._todo.get()) is not None:
            self._done.put(attempt(self._transport, mail))
