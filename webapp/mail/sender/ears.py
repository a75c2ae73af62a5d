"""What the parent makes of its children's messages."""

import logging

from webapp.mail.sender.asking import AWAY
from webapp.mail.sender.asking import BUSY as NOT_YET
from webapp.mail.sender.health import Health
from webapp.mail.sender.ledger import POLICY_HINT, Ledger
from webapp.mail.sender.messages import Ask, Borrow, Bye, GiveBack, Probed, Ready, Results, ToParent, Troubled
from webapp.mail.sender.results import Result
from webapp.mail.sender.trouble import BUSY, CONTENT, LATER, UNSUPPORTED, Trouble
from webapp.mail.sender.worker import Worker

log = logging.getLogger("offerpost.sender")


class Ears:
    """Hears children and writes into the ledger. `asked` is set when one wants to know what is recalled."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.healths: dict[int, Health] = {}
        self.asked = False
        self.errands: list[
            tuple[Worker, Borrow | GiveBack]
        ] = []  # of children with a secret that may be replaced

    def health(self, server_id: int) -> Health:
        known = self.healths.get(server_id)
        return known if known is not None else self.healths.setdefault(server_id, Health())

    @property
    def slowed(self) -> bool:
        """Whether a server asked us to slow down and that is not written down yet."""
        return any(health.slowdowns for health in self.healths.values())

    def hear(self, worker: Worker, message: ToParent) -> None:
        match message:
            case Results(results):
                for result in results:
                    self._result(worker, result)
            case Ready():
                worker.ready = True
            case Ask():
                self.asked = True
            case Probed(server_id, answer, words):
                self._probed(self.health(server_id), answer, words)
            case Borrow() | GiveBack():
                self.errands.append((worker, message))
            case Troubled(trouble):
                self._trouble(worker, trouble)
            case Bye():
                worker.ready = False

    def _probed(self, health: Health, answer: str, words: str) -> None:
        health.asking.answer = answer
        if answer in (AWAY, NOT_YET):
            health.slow_down(words, busy=answer == NOT_YET)

    def _result(self, worker: Worker, result: Result) -> None:
        held = worker.settled(result.mail_id, result.lease)
        self._ledger.add(result, held, worker)
        if result.server_id is not None and held is not None:
            health = self.health(result.server_id)
            reason = health.note(result)
            if health.slowdowns:
                self.asked = True
            if reason:
                self._ledger.pause_server(result.server_id, reason, POLICY_HINT)

    def _trouble(self, worker: Worker, trouble: Trouble) -> None:
        log.warning("mail server %s: %s %s", trouble.server_id, trouble.reason, trouble.detail)
        mailings = {
            held.mailing_id
            for mail_id in trouble.mail_ids
            if (held := worker.in_flight.get(mail_id)) is not None and held.mailing_id is not None
        }
        if trouble.what in (LATER, BUSY):
            words = f"{trouble.reason} {trouble.detail}".strip()
            health = self.health(trouble.server_id)
            health.slow_down(words, trouble.retry_after, busy=trouble.what == BUSY)
            self.asked = True  # what its children still hold must wait, too
        elif trouble.what in (CONTENT, UNSUPPORTED):
            for mailing_id in mailings:
                self._ledger.pause_mailing(mailing_id, f"{trouble.reason} {trouble.hint}".strip())
        else:
            self._ledger.pause_server(trouble.server_id, trouble.reason, trouble.hint)
