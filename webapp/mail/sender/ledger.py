"""What the parent has heard and not yet written down: outcomes, and servers and mailings that are to stop."""

import time
from datetime import datetime

from sqlalchemy.orm import Session

from webapp.errors import DomainError
from webapp.mail.outbox import control, domains, limits
from webapp.mail.outbox.held import Held
from webapp.mail.outbox.record import record
from webapp.mail.ports import ServerDirectory
from webapp.mail.sender.results import BACK, Result
from webapp.mail.sender.worker import Worker

GROUP, LONGEST_WAIT = 1_000, 0.15
POLICY_HINT = "Read what it says, correct the cause, then resume this mail server."


class Ledger:
    """Filled by the parent's ears, emptied into one transaction."""

    def __init__(self) -> None:
        self._results: list[Result] = []
        self._held: dict[int, Held] = {}
        self._from: dict[Worker, list[int]] = {}
        self._unused: dict[tuple[int, datetime], list[int]] = {}
        self._since = 0.0
        self.server_pauses: dict[int, tuple[str, str]] = {}
        self.mailing_pauses: dict[int, str] = {}

    def add(self, result: Result, held: Held | None, worker: Worker | None) -> None:
        if not self._results:
            self._since = time.monotonic()
        self._results.append(result)
        if held is not None:
            self._held[result.mail_id] = held
        if worker is not None:
            self._from.setdefault(worker, []).append(result.mail_id)
        if result.status == BACK and held is not None:
            self._unused.setdefault((held.server_id, held.claimed_at), []).append(result.mail_id)

    def pause_server(self, server_id: int, reason: str, hint: str) -> None:
        self.server_pauses.setdefault(server_id, (reason, hint))

    def pause_mailing(self, mailing_id: int, reason: str) -> None:
        self.mailing_pauses.setdefault(mailing_id, reason)

    @property
    def mail_ids(self) -> set[int]:
        """The mails whose outcome is not written down yet."""
        return {result.mail_id for result in self._results}

    @property
    def empty(self) -> bool:
        return not (self._results or self.server_pauses or self.mailing_pauses)

    @property
    def due(self) -> bool:
        """Whether it is time to write: many outcomes, an old one, or something that must stop."""
        if self.server_pauses or self.mailing_pauses or len(self._results) >= GROUP:
            return True
        return bool(self._results) and time.monotonic() - self._since >= LONGEST_WAIT

    def write(self, session: Session, servers: ServerDirectory) -> None:
        """Everything, within the caller's transaction; `written` after its commit."""
        record(session, self._results, held=self._held)
        for (server_id, claimed_at), mail_ids in self._unused.items():
            limits.give_back(session, server_id, len(mail_ids), claimed_at)
            domains.give_back(session, server_id, mail_ids, claimed_at)
        for server_id, (reason, hint) in self.server_pauses.items():
            servers.pause(session, server_id, reason, hint)
        for mailing_id, reason in self.mailing_pauses.items():
            try:
                control.pause(session, mailing_id, reason)
            except DomainError:  # it ended or was cancelled meanwhile
                continue

    def written(self) -> dict[Worker, list[int]]:
        """Forget what is committed; returns which mails each child may take out of its journal."""
        told = self._from
        self._results, self._held, self._from, self._unused = [], {}, {}, {}
        self.server_pauses, self.mailing_pauses = {}, {}
        return told
