"""F24: the next hop accepts everything, and much of it bounces later."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from tests.chaos.harness import Trial, execute
from tests.chaos.invariants import assert_invariants
from tests.chaos.senders import until
from tests.feedback.returned import failed, fields, report
from webapp.feedback.intake import take_in
from webapp.guards import jobs
from webapp.mail import verp
from webapp.mail.models import OutboxMail
from webapp.mail.outbox import control

LATE = 500  # mails that may leave between the bounces that are too many and the pause
MANY, PACE = 1_200, 150  # mails, and how many a second: bounces are read as fast as that on any machine


class Bouncer(threading.Thread):
    """A bounce mailbox: every third mail that was accepted comes back, to its signed sender, as fast as they can be read."""

    def __init__(self, trial: Trial) -> None:
        super().__init__(daemon=True)
        self.trial, self.over, self.seen = trial, threading.Event(), 0

    def run(self) -> None:
        while not self.over.wait(0.02):
            for mail_id, address in self._accepted():
                sender = verp.envelope_sender(self.trial.desk.vault, mail_id, "b.example.com")
                raw = report(fields(failed(address, "5.1.1", "550 5.1.1 no such user")), to=sender)
                take_in(self.trial.desk, raw, "pipe")

    def _accepted(self) -> list[tuple[int, str]]:
        with self.trial.desk.reading() as session:
            wanted = select(OutboxMail.id, OutboxMail.address).where(
                OutboxMail.state == "sent", OutboxMail.id > self.seen, OutboxMail.id % 3 == 0
            )
            found = [
                (one.id, one.address) for one in session.execute(wanted.order_by(OutboxMail.id).limit(20))
            ]
        self.seen = found[-1][0] if found else self.seen
        return found

    def stop(self) -> None:
        self.over.set()
        self.join(20)


@pytest.fixture
def bouncer(trial: Trial) -> Iterator[Bouncer]:
    thread = Bouncer(trial)
    yield thread
    thread.stop()


def test_f24_a_burst_of_bounces_pauses_the_message_and_only_a_person_resumes_it(
    trial: Trial, bouncer: Bouncer
) -> None:
    """The server accepts all; a third comes back at once. Later somebody resumes, and nothing bounces any more."""
    trial.use("hasty", 2)
    execute(trial, "UPDATE mail_servers SET max_per_second = :pace", pace=PACE)
    mailing = trial.mail(MANY)
    bouncer.start()
    trial.work()
    until(lambda: trial.mailing(mailing).state == "paused", 60, "a pause")
    bouncer.stop()
    until(lambda: trial.count("sending") == 0)
    stood = trial.mailing(mailing)
    assert "addresses that do not exist" in stood.reason
    assert 200 <= stood.sent <= 200 + LATE, "after the first 200, and not long after them"
    jobs.look(trial.desk)
    assert trial.mailing(mailing).sent == stood.sent, "nothing more leaves, and nothing resumes it"
    execute(trial, "UPDATE mail_servers SET max_per_second = NULL, revision = revision + 1")
    with trial.desk.session() as session:
        control.resume(session, mailing)
    trial.settle()
    tally = assert_invariants(trial, unknown=0)
    assert tally["sent"] + tally["suppressed"] == MANY
