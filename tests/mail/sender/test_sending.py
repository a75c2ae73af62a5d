"""A mailing through a real SMTP server: who gets what, what a person can do meanwhile, what refusals lead to."""

import time
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select, update

from tests.mail.conftest import draft
from tests.mail.sender.conftest import StartWorker
from tests.mail.sender.running import arrived, assert_truthful, now_of, states, until, until_over
from transports.testing.listener import Drip
from transports.testing.smtp_server import SmtpServer
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail import suppressions
from webapp.mail.models import Attempt, Mailing, OutboxMail
from webapp.mail.outbox import control, rests
from webapp.mail.outbox.enqueue import enqueue_one
from webapp.mail.outbox.outcomes import export
from webapp.settings.detours import in_the_way
from webapp.settings.models import MailServer, MailServerSecret

Start = Callable[..., Mailing]
pytestmark = pytest.mark.timeout(90)
SLOW = Drip("250 2.0.0 Ok\r\n", 0.01)  # an answer to the dot takes a seventh of a second


def test_each_person_gets_his_own_mail_once(
    desk: Desk, smtp: SmtpServer, mailing_to: Start, worker: StartWorker
) -> None:
    mailing = mailing_to(50)
    worker("--processes", "2")
    assert until_over(desk, mailing).state == "finished"
    assert_truthful(desk, mailing, smtp)
    with desk.reading() as session:
        ids = {row.address: row.message_id for row in export(session, mailing.id)}
    for mail in smtp.inbox:
        message = message_from_bytes(mail.data, policy=policy.default)
        number = int(mail.recipients[0][1:].partition("@")[0]) + 1
        assert message["Subject"] == f"News for Person {number}"
        assert message["Message-ID"] == ids[mail.recipients[0]]
        assert message["List-Unsubscribe"].startswith("<https://desk.northlight.example/u/")
        assert f"your id is A{number}." in message.get_body(("plain",)).get_content()


def test_pause_acts_before_the_next_body_and_resume_goes_on(
    desk: Desk, smtp: SmtpServer, mailing_to: Start, worker: StartWorker
) -> None:
    smtp.on("DOT", SLOW)
    mailing = mailing_to(120)
    worker()
    until(lambda: len(smtp.inbox) > 10)
    with desk.session() as session:
        control.pause(session, mailing.id)
    there = len(smtp.inbox)
    until(lambda: states(desk)["sending"] == 0)
    assert len(smtp.inbox) - there <= 8  # what was in flight
    assert states(desk)["queued"] == 120 - len(smtp.inbox)
    time.sleep(0.7)
    assert states(desk)["sent"] == len(smtp.inbox)
    smtp.forget()
    with desk.session() as session:
        control.resume(session, mailing.id)
    assert until_over(desk, mailing).counts["sent"] == 120
    assert_truthful(desk, mailing, smtp)


def test_a_cancelled_row_never_leaves(
    desk: Desk, smtp: SmtpServer, mailing_to: Start, worker: StartWorker
) -> None:
    smtp.on("DOT", SLOW)
    mailing = mailing_to(120)
    worker()
    until(lambda: len(smtp.inbox) > 10)
    with desk.session() as session:
        control.cancel(session, mailing.id)
    over = until_over(desk, mailing)
    assert over.state == "cancelled"
    assert over.counts["sent"] + over.counts["cancelled"] == 120
    assert over.counts["sent"] == len(smtp.inbox) < 60
    assert_truthful(desk, mailing, smtp)


def test_somebody_who_leaves_while_it_runs_is_not_mailed(
    desk: Desk, smtp: SmtpServer, mailing_to: Start, worker: StartWorker
) -> None:
    smtp.on("DOT", SLOW)
    mailing = mailing_to(60)
    worker()
    until(lambda: len(smtp.inbox) > 4)
    with desk.session() as session:
        suppressions.add(session, "p59@x.example", scope="announcement", reason="unsubscribed")
    smtp.forget()
    over = until_over(desk, mailing)
    assert (over.state, over.counts["suppressed"]) == ("finished", 1)
    assert arrived(smtp)["p59@x.example"] == 0


def test_one_bad_recipient_fails_alone(
    desk: Desk, smtp: SmtpServer, mailing_to: Start, worker: StartWorker
) -> None:
    mailing = mailing_to(["good@x.example", "line\nbreak@x.example", "other@x.example"])
    worker()
    over = until_over(desk, mailing)
    assert (over.counts["sent"], over.counts["failed"]) == (2, 1)
    with desk.reading() as session:
        failed = session.scalars(select(OutboxMail).where(OutboxMail.state == "failed")).one()
    assert failed.code == "render"
    assert "could not be made" in failed.detail


def test_refusals_become_states_that_say_why(
    desk: Desk, smtp: SmtpServer, mailing_to: Start, worker: StartWorker
) -> None:
    smtp.reject("p1@x.example", "550 5.1.1 No such user")
    smtp.reject("p2@x.example", "550 5.7.1 We do not like this")
    smtp.defer("p3@x.example", "450 4.2.0 Greylisted")
    mailing = mailing_to(5)
    worker()
    until(lambda: now_of(desk, mailing).counts["sent"] == 2)
    until(lambda: now_of(desk, mailing).counts["sending"] == 0)
    with desk.reading() as session:
        rows = {row.address: row for row in session.scalars(select(OutboxMail))}
        assert suppressions.reason_of(session, "p1@x.example", "operational") == "bounced"
        assert suppressions.reason_of(session, "p2@x.example", "announcement") is None
        assert suppressions.reason_of(session, "p3@x.example", "announcement") is None
        evidence = session.scalars(select(Attempt).where(Attempt.mail_id == rows["p1@x.example"].id)).one()
    assert (rows["p1@x.example"].state, rows["p1@x.example"].code) == ("failed", "550 5.1.1")
    assert "No such user" in rows["p1@x.example"].detail
    assert rows["p2@x.example"].state == "failed"
    assert rows["p3@x.example"].state == "deferred"
    waits = (rows["p3@x.example"].not_before - rows["p3@x.example"].changed_at).total_seconds()
    assert 300 <= waits <= 420
    assert (evidence.status, evidence.stage, evidence.number) == ("rejected", "rcpt", 1)
    assert now_of(desk, mailing).state == "running"


def test_a_wrong_password_pauses_the_server_and_loses_nothing(
    desk: Desk, smtp: SmtpServer, mailing_to: Start, worker: StartWorker
) -> None:
    smtp.users, smtp.auth_in_clear = {"desk": "right"}, True
    account = {
        "host": "127.0.0.1",
        "port": smtp.port,
        "security": "none",
        "username": "desk",
        "helo_name": "localhost",
    }
    mailing = mailing_to(40, server={"values": account})
    with desk.session() as session:
        server_id = session.scalars(select(MailServer.id).where(MailServer.kind == "smtp")).one()
        sealed = desk.vault.encrypt("wrong", row=f"mail_server:{server_id}:password")
        session.add(MailServerSecret(server_id=server_id, field="password", sealed=sealed))
    worker()

    def paused() -> bool:
        with desk.reading() as session:
            server = session.scalars(select(MailServer).where(MailServer.kind == "smtp")).one()
            return server.paused_at is not None and bool(server.paused_reason)

    until(paused)
    until(lambda: states(desk)["sending"] == 0)
    assert states(desk)["queued"] == 40
    assert len(smtp.credentials) == 1  # one wrong password is enough
    with desk.session() as session:
        still = in_the_way(session, utcnow())
        assert still is not None
        assert still.kind == "server_paused"
        smtp.users = {"desk": "wrong"}
        session.execute(update(MailServer).values(paused_at=None))
    assert until_over(desk, mailing).counts["sent"] == 40
    assert_truthful(desk, mailing, smtp)


def test_operational_mail_overtakes_a_mailing(
    desk: Desk, smtp: SmtpServer, mailing_to: Start, worker: StartWorker
) -> None:
    smtp.on("DOT", SLOW)
    mailing = mailing_to(200)
    worker()
    until(lambda: len(smtp.inbox) > 8)
    with desk.session() as session:
        enqueue_one(
            session,
            desk.vault,
            key="reset:1",
            content=draft(kind="operational", html="<p>[=PasswordReset.Link=]</p>"),
            context="password_reset",
            address="mara@x.example",
            values={"passwordreset.link": "https://desk.northlight.example/reset/1"},
        )
    until(lambda: arrived(smtp)["mara@x.example"] == 1, seconds=10)
    assert now_of(desk, mailing).remaining > 0
    until(lambda: states(desk)["sent"] >= 1)

    def emptied() -> bool:
        with desk.reading() as session:
            row = session.scalars(select(OutboxMail).where(OutboxMail.key == "reset:1")).one()
            return row.state == "sent" and row.values is None

    until(emptied)


def test_a_limit_by_the_second_is_kept(
    desk: Desk, smtp: SmtpServer, mailing_to: Start, worker: StartWorker
) -> None:
    mailing = mailing_to(30, server={"max_per_second": 10})
    worker()
    until(lambda: len(smtp.inbox) > 0)
    started = time.monotonic()
    until_over(desk, mailing)
    assert time.monotonic() - started >= 1.9  # ten at once, ten a second later, ten another second later


def test_a_server_that_cannot_be_reached_rests_and_keeps_its_mails(
    desk: Desk, smtp: SmtpServer, mailing_to: Start, worker: StartWorker
) -> None:
    smtp.on("BANNER", "421 4.3.2 Closing down")
    mailing = mailing_to(10)
    running = worker()
    until(lambda: smtp.connections > 0)
    until(lambda: states(desk)["sending"] == 0 and states(desk)["queued"] == 10)
    assert now_of(desk, mailing).counts["failed"] == 0
    assert running.stop() == 0
    smtp.forget()
    with desk.session() as session:
        [(server_id, found)] = rests.standing(session).items()
        rest = found[""]
        assert rest.until > utcnow() + timedelta(seconds=500)  # a sender that starts now honours it
        assert "Closing down" in rest.words
        rests.end(session, server_id)
    worker()
    assert until_over(desk, mailing).counts["sent"] == 10


def test_failed_mails_are_sent_again_and_nobody_else(
    desk: Desk, smtp: SmtpServer, mailing_to: Start, worker: StartWorker
) -> None:
    smtp.on("RCPT", "554 5.3.0 Not today", containing="<p1@x.example>", times=1)
    mailing = mailing_to(4)
    worker()
    assert until_over(desk, mailing).state == "finished_with_failures"
    with desk.session() as session:
        control.resend(session, mailing.id, "failed")
    assert until_over(desk, mailing).state == "finished"
    assert set(arrived(smtp).values()) == {1}
    assert len(smtp.inbox) == 4
