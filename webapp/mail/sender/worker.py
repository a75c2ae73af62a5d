"""A child as its parent sees it: its process, its pipe, and the mails that it holds."""

import os
import subprocess
import sys
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from webapp.config import Config
from webapp.mail.dkim.signers import PlainKeys
from webapp.mail.outbox.claim import LARGEST, Claim
from webapp.mail.outbox.held import Held
from webapp.mail.sender import journal, spool
from webapp.mail.sender.messages import Hello, Mails
from webapp.mail.sender.orders import Content, Job, Through
from webapp.mail.sender.pipes import pair

FIRST_LOAD, LARGEST_LOAD = 64, LARGEST  # with what it holds still, a child never has more than one full claim
KNOWN_CONTENTS = 32
CODE_ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Load:
    """How many mails of one server this child gets at once: about what it sends in a second."""

    size: int = FIRST_LOAD
    held: int = 0
    finished: int = 0
    since: float = field(default_factory=time.monotonic)

    @property
    def room(self) -> int:
        """Mails that it can take now; nothing while more than half of the last ones wait."""
        return self.size - self.held if self.held <= self.size // 2 else 0

    def given(self, count: int) -> None:
        now = time.monotonic()
        rate = self.finished / max(now - self.since, 0.05)
        if self.finished:
            self.size = int(min(max(rate, FIRST_LOAD / 2, self.size / 2), self.size * 2, LARGEST_LOAD))
        self.held += count
        self.finished, self.since = 0, now


class Worker:
    """One child process. `seat` counts from 0; whoever is started for one that died takes its seat."""

    def __init__(self, number: int, seat: int, config: Config, folder: spool.SenderFolder) -> None:
        self.number, self.seat = number, seat
        self.journal = folder.path / f"child-{number}-{time.time_ns()}.journal"
        self.in_flight: dict[int, Held] = {}
        self.loads: dict[int, Load] = {}
        self.urgent: set[int] = set()  # of these, the operational ones that have a connection of their own
        self.ready = False
        self.started = time.monotonic()
        self._contents: OrderedDict[int, None] = OrderedDict()
        self._keys: PlainKeys = ()
        journal_descriptor = journal.create(self.journal)
        self.pipe, theirs = pair()
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "webapp.mail.sender.child", str(theirs), str(journal_descriptor)],
                pass_fds=(theirs, journal_descriptor),
                stdin=subprocess.DEVNULL,
                cwd=CODE_ROOT,
                env=_environment(),
            )
        finally:
            os.close(theirs)
            os.close(journal_descriptor)
        hello = Hello(
            journal=str(self.journal),
            generation=str(spool.generation_file(config.spool)),
            plugins=str(config.plugins),
            allow_hosts=sorted(config.allow_hosts),
            mail_root=str(config.mail_folder),
        )
        self.pipe.send(hello)

    def load(self, server_id: int) -> Load:
        known = self.loads.get(server_id)
        return known if known is not None else self.loads.setdefault(server_id, Load())

    def hold(self, claim: Claim, *, express: bool = False) -> None:
        """These mails are this child's, from before it is told of them."""
        if express:
            self.urgent.update(mail.id for mail in claim.mails)
        lease, server_id, claimed_at = claim.lease, claim.server.id, claim.claimed_at
        for mail in claim.mails:
            self.in_flight[mail.id] = Held(lease, server_id, mail.mailing_id, claimed_at, mail.attempts)
        self.load(claim.server.id).given(len(claim.mails))

    def order(
        self,
        through: Through,
        jobs: Sequence[Job],
        contents: Iterable[Content],
        keys: PlainKeys,
        seconds: float,
        shares: Mapping[str, int],
    ) -> None:
        """Hand the mails over, with those contents that the child has not seen lately, and with changed DKIM keys."""
        told = []
        for content in contents:
            if content.id not in self._contents:
                told.append(content)
            self._contents[content.id] = None
            self._contents.move_to_end(content.id)
        while len(self._contents) > KNOWN_CONTENTS:
            self._contents.popitem(last=False)
        changed = keys if keys != self._keys else None
        self.pipe.send(Mails(through, seconds, told, changed, list(jobs), dict(shares)))
        self._keys = keys

    def settled(self, mail_id: int, lease: int) -> Held | None:
        """The child has told of this mail; None if it was not (or no longer) its own."""
        held = self.in_flight.get(mail_id)
        if held is None or held.lease != lease:
            return None
        del self.in_flight[mail_id]
        if self.urgent:
            self.urgent.discard(mail_id)
        load = self.load(held.server_id)
        load.held -= 1
        load.finished += 1
        return held

    def end(self, seconds: float) -> None:
        """Wait for its end; kill it when it takes too long. Its journal knows what it did."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.pipe.close()


def _environment() -> dict[str, str]:
    """Without the secrets of the operator's environment that only the web server and the parent need."""
    return {key: value for key, value in os.environ.items() if not key.startswith("OFFERPOST_DATABASE")}
