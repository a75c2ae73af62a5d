"""A real worker signs what it sends."""

from collections.abc import Callable

from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.mail.conftest import draft, everybody
from tests.mail.dkim.rfc6376 import verdicts
from tests.mail.sender.conftest import StartWorker
from tests.mail.sender.running import now_of, until, until_over
from transports.testing.smtp_server import SmtpServer
from webapp.desk import Desk
from webapp.mail.dkim.keys import Algorithm
from webapp.mail.models import DkimKey, Mailing
from webapp.mail.outbox.enqueue import start_mailing
from webapp.mail.signing import keys

DOMAIN = "northlight.example"
MailingTo = Callable[..., Mailing]


def signing(session: Session, desk: Desk, domain: str = DOMAIN) -> dict[str, str]:
    made = keys.add(session, desk.vault, domain, list(Algorithm))
    for key in made:
        keys.activate(session, key)
    return {keys.record_of(key).name: keys.record_of(key).value for key in made}


def test_every_mail_of_a_domain_with_keys_arrives_signed(
    desk: Desk, smtp: SmtpServer, worker: StartWorker, mailing_to: MailingTo
) -> None:
    with desk.session() as session:
        dns = signing(session, desk)
    mailing = mailing_to(12)
    worker("--processes", "2")
    assert until_over(desk, mailing).counts["sent"] == 12
    assert [verdicts(mail.data, dns) for mail in smtp.inbox] == [{"op1": "pass", "op2": "pass"}] * 12


def test_a_key_activated_while_the_sender_runs_signs_the_next_mail(
    desk: Desk, smtp: SmtpServer, worker: StartWorker, mailing_to: MailingTo
) -> None:
    sending = worker()
    until_over(desk, mailing_to(["first@x.example"]))
    with desk.session() as session:
        dns = signing(session, desk)
    with desk.session() as session:
        later = start_mailing(
            session,
            audience=everybody(),
            content=draft(),
            kind="announcement",
            server_id=None,
            created_by=None,
        )
    until_over(desk, later)
    assert [len(verdicts(mail.data, dns)) for mail in smtp.inbox] == [0, 2]
    assert sending.stop() == 0
    assert "op1" not in sending.said


def test_a_key_of_another_domain_signs_nothing(
    desk: Desk, smtp: SmtpServer, worker: StartWorker, mailing_to: MailingTo
) -> None:
    with desk.session() as session:
        signing(session, desk, "other.example")
    worker()
    until_over(desk, mailing_to(2))
    assert not any(b"DKIM-Signature" in mail.data for mail in smtp.inbox)


def test_a_mailing_whose_key_cannot_be_opened_is_paused_and_says_why(
    desk: Desk, smtp: SmtpServer, worker: StartWorker, mailing_to: MailingTo
) -> None:
    with desk.session() as session:
        signing(session, desk)
        session.execute(update(DkimKey).values(sealed="damaged"))
    mailing = mailing_to(3)
    worker()
    until(lambda: now_of(desk, mailing).state == "paused")
    with desk.reading() as session:
        assert (
            "DKIM key op1 of northlight.example can't be opened"
            in session.get_one(Mailing, mailing.id).reason
        )
    assert smtp.inbox == []
