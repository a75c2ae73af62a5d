"""The loop test for real: sent by a worker through SMTP, laid into Dovecot, fetched by IMAP or POP3, judged with a real DNS."""

import ssl
from collections.abc import Callable, Iterator
from email.utils import formatdate

import pytest
import trustme

from tests.browser import Person, words
from tests.domains.northlight import DOMAIN, zone_with
from tests.domains.zones import DnsServer
from tests.feedback.mailbox.conftest import SetUp
from tests.feedback.mailbox.dovecot import Dovecot
from tests.mail.sender.running import Worker, until, use_smtp
from transports.testing.smtp_server import Received, SmtpServer
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.domains.loop import jobs, looking, sending
from webapp.domains.loop import store as loops
from webapp.domains.models import LoopTest
from webapp.feedback.models import ReturnedMail
from webapp.mail.dkim.keys import Algorithm
from webapp.mail.models import OutboxMail
from webapp.mail.signing import keys
from webapp.settings import store

BOX = f"bounces@{DOMAIN}"
PAGE = "/domain-check/live"
Arrive = Callable[..., bytes]


@pytest.fixture
def zone() -> Iterator[DnsServer]:
    server = DnsServer()
    try:
        server.fresh(zone_with("- op1._domainkey.mail"))
        yield server
    finally:
        server.close()


@pytest.fixture
def smtp(context: ssl.SSLContext) -> Iterator[SmtpServer]:
    with SmtpServer(tls=context) as server:
        yield server


@pytest.fixture
def environ(environ: dict[str, str], zone: DnsServer, smtp: SmtpServer) -> dict[str, str]:
    allowed = f"{environ['OFFERPOST_ALLOW_HOSTS']},localhost:{smtp.port}"
    return environ | {"OFFERPOST_ALLOW_HOSTS": allowed, "OFFERPOST_RESOLVER": f"127.0.0.1:{zone.port}"}


@pytest.fixture
def ready(desk: Desk, zone: DnsServer, smtp: SmtpServer, set_up: SetUp, authority: trustme.CA) -> Desk:
    """A network that signs its mail, with its mailbox on Dovecot."""
    values = {
        "host": "localhost",
        "port": smtp.port,
        "security": "starttls",
        "helo_name": "smtp1.northlight.example",
    }
    with desk.session() as session:
        store.put(
            session,
            {
                "from_address": f"partners@{DOMAIN}",
                "bounce_address": BOX,
                "public_url": "https://desk.northlight.example",
                "postal_address": "Hamngatan 4, Göteborg",
            },
        )
        use_smtp(session, smtp, values={**values, "ca_pem": authority.cert_pem.bytes().decode()})
        (key,) = keys.add(session, desk.vault, DOMAIN, (Algorithm.RSA,))
        keys.activate(session, key)
        record = keys.record_of(key)
    zone.names.add(record.name, "TXT", record.value)
    set_up()
    return desk


def as_received(mail: Received) -> bytes:
    """With what the receiving server puts on top."""
    top = (
        f"Return-Path: <{mail.sender}>\r\nDelivered-To: {BOX}\r\n"
        "Received: from smtp1.northlight.example (smtp1.northlight.example [203.0.113.25])\r\n"
        f"\tby mx.receiver.test with {'ESMTPS' if mail.encrypted else 'ESMTP'} id 1; {formatdate()}\r\n"
        f"Authentication-Results: mx.receiver.test; spf=pass smtp.mailfrom={mail.sender}\r\n"
    )
    return top.encode() + mail.data


def found(desk: Desk, number: int) -> LoopTest:
    with desk.reading() as session:
        return loops.find(session, number)


def started(desk: Desk, kind: str = "operational") -> LoopTest:
    """A test whose mail was accepted, without a worker: what its server would have got is `left`."""
    with desk.session() as session:
        test = sending.start(desk, session, "command line", sending.Wish(kind=kind))
        session.get_one(OutboxMail, test.mail_id).state = "sent"
    return test


def left(desk: Desk, test: LoopTest) -> bytes:
    with desk.reading() as session:
        sent = looking.sent_of(desk, session, test)
    assert sent is not None
    return sent.raw


def test_a_real_mail_goes_round_and_every_rule_has_its_say(
    ready: Desk, owner: Person, environ: dict[str, str], smtp: SmtpServer, dovecot: Dovecot
) -> None:
    page = owner.post(PAGE, {"way": "mailbox", "kind": "announcement", "server": "0"}, follow=True)
    assert "The mail is leaving" in words(page)
    address = page.request.path
    worker = Worker(environ)
    try:
        until(lambda: smtp.inbox, 20)
        dovecot.put([as_received(smtp.inbox[0])])
        until(lambda: owner.get(address, headers={"HX-Request": "true"}).headers.get("HX-Refresh"))
    finally:
        assert worker.stop() == 0, worker.said
    test = found(ready, int(address.rpartition("/")[2]))
    verdicts = {one["title"]: one["verdict"] for one in test.results}
    assert verdicts.pop("Spam filter") == "unknown"
    assert set(verdicts.values()) == {"pass"}, [
        one for one in test.results if one["verdict"] not in ("pass", "unknown")
    ]
    assert "A signature of mail.northlight.example arrived whole" in words(owner.get(address))
    assert "Fine" in words(owner.get(PAGE))
    with ready.reading() as session:
        assert session.query(ReturnedMail).one().note.startswith("A mail of ours")
        assert session.query(OutboxMail).one().state == "sent"


@pytest.mark.parametrize("front", ["imap tls", "pop3 tls"])
def test_what_a_server_on_the_way_did_to_it_is_found(
    ready: Desk, dovecot: Dovecot, set_up: SetUp, front: str
) -> None:
    set_up(front)
    test = started(ready)
    assert not looking.look(ready, test.id), "nothing is there yet"
    changed = left(ready, test).replace(b"</p>", b"</p>\r\n<p>Sent with a free relay</p>", 1)
    dovecot.put([as_received(Received("x@relay.test", (BOX,), changed, False, ""))])
    assert looking.look(ready, test.id)
    verdicts = {one["title"]: one["verdict"] for one in found(ready, test.id).results}
    assert {title for title, verdict in verdicts.items() if verdict == "fail"} == {
        *("DKIM", "DMARC", "Encryption of the last hop", "The text", "SPF"),
    } - ({"SPF"} if verdicts["SPF"] == "warn" else set())
    assert verdicts["Envelope sender"] == "warn"


def test_a_mail_that_does_not_come_or_is_refused_ends_the_waiting_with_the_reason(ready: Desk) -> None:
    late, refused = started(ready), started(ready)
    with ready.session() as session:
        session.get_one(LoopTest, late.id).until = utcnow()
        mail = session.get_one(OutboxMail, refused.mail_id)
        mail.state, mail.code, mail.detail = "failed", "550", "5.7.1 not from here"
    jobs.sweep(ready)
    assert "did not arrive in time" in found(ready, late.id).trouble
    assert "550 5.7.1 not from here" in found(ready, refused.id).trouble
    assert {found(ready, one.id).state for one in (late, refused)} == {loops.MISSING}


def test_a_mailbox_in_trouble_is_told_and_waited_for(ready: Desk, set_up: SetUp, owner: Person) -> None:
    set_up(password="wrong")
    test = started(ready)
    assert not looking.look(ready, test.id)
    assert "refused user name or password" in words(owner.get(f"{PAGE}/{test.id}"))
