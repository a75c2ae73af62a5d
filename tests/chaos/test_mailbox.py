"""F27: the mailbox to which bounces come breaks while it is read."""

import os
import ssl
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from sqlalchemy import func, select

from tests.chaos.conftest import Begin
from tests.chaos.harness import CANARY, Trial, execute
from tests.chaos.invariants import assert_invariants
from tests.chaos.only import LONG, only_long
from tests.chaos.senders import ROOT
from tests.chaos.witness import Witness
from tests.feedback.mailbox.dovecot import PASSWORD, USER, Dovecot
from tests.feedback.mailbox.front import Front
from tests.feedback.returned import failed, fields, report
from webapp.feedback.jobs import read_what_is_left
from webapp.feedback.mailbox import settings
from webapp.feedback.mailbox.fetching import Fetched, fetch
from webapp.feedback.mailbox.models import Mailbox
from webapp.feedback.models import ReturnedMail
from webapp.feedback.returned import read
from webapp.mail import events, verp
from webapp.mail.events import MailEvent
from webapp.mail.models import OutboxMail, Suppression

KILLS = 5 if LONG else 2
BOUNCES = 300 if LONG else 60


class Box:
    """A mailbox on a real Dovecot behind TLS, into which every mail that was accepted came back."""

    def __init__(self, dovecot: Dovecot, front: Front, authority: trustme.CA) -> None:
        self.dovecot, self.front = dovecot, front
        self.pem = authority.cert_pem.bytes().decode()
        self.trial: Trial

    def begin(self, trial: Trial, after: str = "delete") -> None:
        self.trial = trial
        typed = {
            "active": "true",
            "protocol": "imap",
            "host": "localhost",
            "port": str(self.front.port),
            "security": "tls",
            "username": USER,
            "auth": "password",
            "password": PASSWORD,
            "folder": "INBOX",
            "after": after,
            "minutes": "5",
            "ca_pem": self.pem,
        }
        with trial.desk.session() as session:
            settings.put(trial.desk, session, "command line", settings.settle(None, typed))
        trial.use()
        trial.mail(BOUNCES)
        trial.work()
        trial.settle()
        self.dovecot.fill(self._bounces())

    def _bounces(self) -> Iterator[bytes]:
        with self.trial.desk.reading() as session:
            rows = session.execute(select(OutboxMail.id, OutboxMail.address)).all()
        for mail_id, address in rows:
            sender = verp.envelope_sender(self.trial.desk.vault, mail_id, "b.example.com")
            yield report(fields(failed(address, "5.1.1", "550 5.1.1 no such user")), to=sender)

    def stored(self) -> int:
        with self.trial.desk.reading() as session:
            return session.scalar(select(func.count(ReturnedMail.id))) or 0

    def fetch(self) -> Fetched:
        return fetch(self.trial.desk, read)

    def fetch_and_kill(self, more: int) -> None:
        """`offerpost bounce fetch`, killed -9 when so many more mails are stored, or because it is done."""
        before, patience = self.stored(), time.monotonic() + 30
        command = [sys.executable, "-m", "webapp.cli", "bounce", "fetch"]
        environ = {**os.environ, **self.trial.environ}
        process = subprocess.Popen(command, env=environ, cwd=ROOT, stdout=subprocess.DEVNULL)
        while self.stored() < before + more and process.poll() is None and time.monotonic() < patience:
            time.sleep(0.005)
        process.kill()
        process.wait()


@pytest.fixture
def box(begin: Begin, witness: Witness) -> Iterator[Box]:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with tempfile.TemporaryDirectory(prefix="offerpost-dovecot-") as folder:
        Path(folder).chmod(0o755)  # its own users have to get at it
        dovecot = Dovecot(Path(folder))
        front = Front(dovecot.ports["imap"], context)
        yield Box(dovecot, front, authority)
        front.close()
        dovecot.stop()


@pytest.fixture
def trial(begin: Begin, witness: Witness, box: Box) -> Trial:
    reached = f"127.0.0.1:{witness.port},localhost:{witness.port},localhost:{box.front.port}"
    return begin(witness, OFFERPOST_ALLOW_HOSTS=reached)


def test_f27_killed_while_it_reads_it_counts_each_bounce_once(trial: Trial, box: Box) -> None:
    """The process that reads the mailbox and deletes from it is killed -9 again and again, at moments taken by chance."""
    box.begin(trial)
    for _ in range(KILLS):
        box.fetch_and_kill(trial.chance.randrange(1, BOUNCES // KILLS))
    assert_each_counted_once(trial, box, left=0)


@only_long
@pytest.mark.parametrize("after", ("delete", "seen"))
def test_f27_a_line_that_breaks_again_and_again_loses_no_bounce(trial: Trial, box: Box, after: str) -> None:
    """The line to the mailbox is cut six times after some thousand bytes, in the middle of an answer."""
    box.begin(trial, after)
    for _ in range(6):
        box.front.cut_after = trial.chance.randrange(5_000, 60_000)
        box.fetch()
    box.front.cut_after = 0
    assert_each_counted_once(trial, box, left=0 if after == "delete" else BOUNCES)


@only_long
def test_f27_a_mailbox_that_numbers_its_mails_anew_is_read_again(trial: Trial, box: Box) -> None:
    """After the first half was read the server forgets its numbers, so that UIDVALIDITY changes and all mails seem new."""
    box.begin(trial, "keep")
    box.fetch_and_kill(BOUNCES // 2)
    with trial.desk.reading() as session:
        before = session.get_one(Mailbox, 1).uid_validity
    box.dovecot.forget_numbers()
    assert_each_counted_once(trial, box, left=BOUNCES)
    with trial.desk.reading() as session:
        assert session.get_one(Mailbox, 1).uid_validity != before


@only_long
@pytest.mark.parametrize("after", ("delete", "seen"))
def test_f27_what_can_not_be_deleted_is_not_counted_again(trial: Trial, box: Box, after: str) -> None:
    """The mailbox refuses to delete or to mark; three runs later it does."""
    box.begin(trial, after)
    with box.dovecot.read_only():
        for _ in range(3):
            box.fetch()
        assert len(box.dovecot.flags()) == BOUNCES
    assert_each_counted_once(trial, box, left=0 if after == "delete" else BOUNCES)


def assert_each_counted_once(trial: Trial, box: Box, *, left: int) -> None:
    assert box.fetch().complete, "without a human it is read to its end"
    execute(trial, "UPDATE returned_mails SET received_at = :old", old="2026-01-01 00:00:00.000000")
    read_what_is_left(trial.desk)
    assert len(box.dovecot.flags()) == left
    assert box.stored() == BOUNCES
    with trial.desk.reading() as session:
        ids = session.scalars(select(OutboxMail.id)).all()
        assert Counter(session.scalars(select(MailEvent.kind))) == {"bounced": BOUNCES}
        assert Counter(one.kind for one in events.standing(session, ids).values()) == {"bounced": BOUNCES}
        assert sorted(session.scalars(select(Suppression.address))) == sorted(trial.expected)
    assert PASSWORD not in trial.said()
    assert CANARY not in trial.said()
    assert assert_invariants(trial, unknown=0)["sent"] == BOUNCES
