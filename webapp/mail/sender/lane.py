"""One mail server in a child: a thread that feeds its transport and listens to what becomes of each mail."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from transports.contract import Delivery, Transport
from transports.errors import Unsupported
from webapp.mail.outbox.pace import domain_of
from webapp.mail.sender.gate import Gate
from webapp.mail.sender.journal import Journal
from webapp.mail.sender.orders import Job, Through
from webapp.mail.sender.parcel import Parcel
from webapp.mail.sender.printer import Printer, Unprintable
from webapp.mail.sender.results import BACK, REJECTED, UNKNOWN, Result
from webapp.mail.sender.trouble import CONTENT, Trouble, place_of, trouble_of, words_of
from webapp.mail.sender.turns import Turns
from webapp.mail.sender.verdicts import OURS

LINGER = 1.0  # seconds that a session stays open for more mails
IDLE = 60.0  # seconds until idle connections are closed
NO_ANSWER = "The transport ended without telling what became of this mail."
log = logging.getLogger("offerpost.sender")


@dataclass(frozen=True)
class Desk:
    """What all lanes of a child share."""

    gate: Gate
    journal: Journal
    printer: Printer
    report: Callable[[Result], None]
    trouble: Callable[[Trouble], None]


class Lane:
    """`put` mails from any thread; everything else happens in the lane's own."""

    def __init__(self, through: Through, transport: Transport, desk: Desk) -> None:
        self.through = through
        self._transport, self._desk = transport, desk
        self._turns = Turns()
        self._open: dict[str, Parcel] = {}
        self._closing = False
        self._connections = self._opened_with = 1
        self._thread = threading.Thread(target=self._run, name=f"lane {through.name}", daemon=True)
        self._thread.start()

    def put(self, jobs: list[Job], ends: float, connections: int, shares: Mapping[str, int]) -> None:
        """More mails, whose lease ends at that monotonic time; from now on with so many connections, and shares of them."""
        self._connections = max(1, connections)
        self._turns.put(jobs, ends, shares)

    def close(self) -> None:
        """Finish what has begun, give the rest back, let go of the connections."""
        self._closing = True
        self._turns.wake()

    def join(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._closing:
            if self._turns.wait(IDLE):
                self._session()
            elif self._turns.empty:
                self._quietly(self._transport.close)
        self._return_rest()
        self._quietly(self._transport.close)

    def _session(self) -> None:
        """Send until there is nothing more for a while, or until nothing can be sent."""
        try:
            self._opened_with = self._connections
            self._transport.open(self._opened_with)
            for delivery in self._transport.send(self._mails()):
                self._delivered(delivery)
        except Exception as error:
            at_hand = [parcel.mail_id for parcel in self._open.values()]
            words = words_of(error, self.through.kind)
            if not isinstance(error, Unprintable):
                log.warning("%s stops: %s\n%s", self.through.name, words, place_of(error))
            self._end_session(words, alone=isinstance(error, Unsupported))
            self._return_rest()
            self._desk.trouble(trouble_of(error, self.through.id, self.through.kind, at_hand))
        else:
            self._end_session(NO_ANSWER)

    def _mails(self) -> Iterator[Parcel | None]:
        quiet_since: float | None = None
        while not (self._closing or self._desk.gate.stopping):
            if self._connections != self._opened_with:
                return  # the next session has more of them, or fewer
            turn = self._turns.next(self._busy)
            if turn is not None:
                quiet_since = None
                parcel = self._parcel(*turn)
                if parcel is not None:
                    yield parcel
                continue
            now = time.monotonic()
            if quiet_since is None:
                quiet_since = now
            elif now - quiet_since > LINGER and not self._open:
                return
            yield None

    def _busy(self, domain: str) -> int:
        """How many mails to this domain are on their way."""
        return sum(domain_of(parcel.recipient) == domain for parcel in list(self._open.values()))

    def _parcel(self, job: Job, ends: float) -> Parcel | None:
        """The finished mail; None if it went back or could not be made."""
        gate = self._desk.gate
        if gate.held or gate.recalled(job.mail_id) or time.monotonic() >= ends:
            self._back(job)
            return None
        try:
            content = self._desk.printer.print(job)
        except MemoryError:
            self._back(job)
            raise
        except Exception as error:
            if isinstance(error, Unprintable) and job.mailing_id is not None:
                self._desk.trouble(Trouble(self.through.id, CONTENT, str(error), mail_ids=[job.mail_id]))
                self._back(job)
                return None
            self._fail(job.mail_id, job.lease, OURS, f"The mail could not be made: {error}")
            return None
        parcel = Parcel(
            mail_id=job.mail_id,
            lease=job.lease,
            ends=ends,
            mailing_id=job.mailing_id,
            sender=job.sender or self._desk.printer.sender_of(job.content_id),
            recipient=job.address,
            content=content,
            may_leave=self._may_leave,
        )
        self._open[parcel.key] = parcel
        return parcel

    def _may_leave(self, parcel: Parcel) -> bool:
        """Asked by the transport, in whatever thread, right before the body."""
        if self._desk.gate.may_leave(parcel.mail_id, parcel.ends) and self._noted(parcel):
            return True
        if self._open.pop(parcel.key, None) is not None:
            self._tell(Result(parcel.mail_id, parcel.lease, BACK, self.through.id))
        return False

    def _noted(self, parcel: Parcel) -> bool:
        try:
            self._desk.journal.begin(parcel.mail_id, parcel.lease)
        except OSError:
            log.exception("the journal can't be written, so no mail leaves")
            return False
        return True

    def _delivered(self, delivery: Delivery) -> None:
        parcel = self._open.pop(delivery.key, None)
        if parcel is None:
            log.error("%s told twice, or of a mail that it was not given", self.through.kind)
            return
        result = Result(
            mail_id=parcel.mail_id,
            lease=parcel.lease,
            status=str(delivery.status),
            server_id=self.through.id,
            stage=str(delivery.stage),
            code=delivery.code,
            detail=delivery.detail,
            provider_id=delivery.provider_id,
            peer=delivery.peer,
            tls=str(delivery.tls),
            retry_after=None if delivery.retry_after is None else float(delivery.retry_after),
            took_ms=round((time.monotonic() - parcel.taken_at) * 1000),
        )
        self._tell(result)

    def _end_session(self, words: str, *, alone: bool = False) -> None:
        """What left and was not answered is unknown; what had not left goes back.

        `alone`: the mail asks for what the transport cannot do. A mailing is paused for that, a single mail has failed.
        """
        while self._open:
            _, parcel = self._open.popitem()
            if alone and not parcel.left and parcel.mailing_id is None:
                self._fail(parcel.mail_id, parcel.lease, "unsupported", words)
            else:
                status = UNKNOWN if parcel.left else BACK
                detail = words if parcel.left else ""
                self._tell(Result(parcel.mail_id, parcel.lease, status, self.through.id, detail=detail))

    def _fail(self, mail_id: int, lease: int, code: str, words: str) -> None:
        self._tell(Result(mail_id, lease, REJECTED, self.through.id, OURS, code, words))

    def _return_rest(self) -> None:
        for job in self._turns.rest():
            self._back(job)

    def _back(self, job: Job) -> None:
        self._tell(Result(job.mail_id, job.lease, BACK, self.through.id))

    def _tell(self, result: Result) -> None:
        if result.status != BACK:
            try:
                self._desk.journal.done(result)
            except OSError:
                log.exception("the journal can't be written")
        self._desk.report(result)

    def _quietly(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:
            words = words_of(error, self.through.kind)
            log.error("%s could not be closed: %s\n%s", self.through.name, words, place_of(error))
