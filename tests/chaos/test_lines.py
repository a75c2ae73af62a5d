"""F14, F15: encryption that is not what it should be, names that lead nowhere."""

import os
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from sqlalchemy import select

from tests.chaos.conftest import Begin
from tests.chaos.harness import CANARY, USER, Trial, execute
from tests.chaos.invariants import assert_invariants
from tests.chaos.only import only_long, some
from tests.chaos.resolver import asks
from tests.chaos.senders import until
from tests.chaos.witness import Witness
from tests.domains.zones import DnsServer
from webapp.settings.models import MailServer


def _context(authority: trustme.CA, name: str = "localhost", *, old: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    past = {
        "not_before": datetime.now(UTC) - timedelta(days=9),
        "not_after": datetime.now(UTC) - timedelta(days=1),
    }
    authority.issue_cert(name, **(past if old else {})).configure_cert(context)
    return context


EVERYTHING = ("unknown authority", "wrong name", "expired", "no starttls", "old version")


@pytest.mark.parametrize("what", some(EVERYTHING, "unknown authority"))
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_f14_without_good_encryption_no_password_and_no_mail_goes_out(begin: Begin, what: str) -> None:
    """The certificate is of an unknown authority, for another name, or expired; STARTTLS is missing; only TLS 1.0 is spoken."""
    authority = trustme.CA()
    good = _context(authority)
    bad = {
        "unknown authority": _context(trustme.CA()),
        "wrong name": _context(authority, "elsewhere.example"),
        "expired": _context(authority, old=True),
        "no starttls": None,
        "old version": _context(authority),
    }[what]
    if what == "old version" and bad is not None:
        bad.maximum_version = ssl.TLSVersion.TLSv1
    with Witness(users={USER: CANARY}, tls=bad) as witness:
        trial = begin(witness)
        pem = authority.cert_pem.bytes().decode()
        trial.use(host="localhost", security="starttls", ca_pem=pem)
        trial.mail(20)
        trial.work()
        until(trial.paused)
        until(lambda: trial.count("sending") == 0)
        assert_invariants(trial, unknown=0, drained=False)
        assert (witness.credentials, witness.inbox) == ([], [])
        witness.tls = good
        execute(
            trial, "UPDATE mail_servers SET paused_at = NULL, paused_reason = '', revision = revision + 1"
        )
        trial.settle()
        assert assert_invariants(trial, unknown=0)["sent"] == 20
        assert all(mail.encrypted for mail in witness.inbox)


@only_long
@pytest.mark.parametrize("host", ("mail.northlight.invalid", "no-such-host.localhost.invalid"))
def test_f15_a_host_name_that_leads_nowhere_is_trouble_of_the_server_only(trial: Trial, host: str) -> None:
    """The name of the mail server does not exist; later it does."""
    trial.use(host=host, security="starttls")
    trial.mail(10)
    trial.work()
    until(lambda: trial.paused() or "rests" in _note(trial) or "mail server" in trial.said(), 60)
    until(lambda: trial.count("sending") == 0)
    assert trial.states() == {"queued": 10}
    with trial.desk.session() as session:
        server = session.scalars(select(MailServer).where(MailServer.is_default)).one()
        server.values = server.values | {"host": "127.0.0.1", "security": "none"}
        server.paused_at, server.revision = None, server.revision + 1
    trial.settle(90)
    assert assert_invariants(trial, unknown=0)["sent"] == 10


@pytest.fixture
def names() -> Iterator[DnsServer]:
    """A name server at the port where resolvers look for one."""
    if os.getuid():
        pytest.skip("needs root: a name server at port 53, and an /etc/resolv.conf of the sender's own")
    server = DnsServer("127.9.9.9", 53)
    yield server
    server.close()


@only_long
@pytest.mark.parametrize("trouble", ("SERVFAIL", "TIMEOUT", "REFUSED"))
def test_f15_a_name_server_in_trouble_fails_no_mail(
    trial: Trial, names: DnsServer, tmp_path: Path, trouble: str
) -> None:
    """The name server answers SERVFAIL, REFUSED or nothing at all for the relay; later it answers."""
    names.names.add(RELAY, trouble)
    trial.use(host=RELAY)
    trial.mail(10)
    trial.work(prepare=asks("127.9.9.9", tmp_path / "resolv.conf"))
    until(lambda: names.names.asked)
    until(lambda: "name server did not answer" in trial.said(), 60)
    until(lambda: trial.count("sending") == 0)
    assert (trial.states(), trial.paused()) == ({"queued": 10}, "")
    _answers(names)
    trial.settle(90)
    assert assert_invariants(trial, unknown=0)["sent"] == 10


@only_long
def test_f15_a_name_server_that_fails_in_the_middle_loses_nobody(
    trial: Trial, names: DnsServer, many: int, tmp_path: Path
) -> None:
    """In the middle the relay's name begins to answer SERVFAIL while the relay sends everybody away; later all is well."""
    _answers(names)
    trial.use(host=RELAY)
    trial.mail(many)
    trial.witness.at("MAIL", lambda: _break(names), after=many // 3)
    trial.witness.on("MAIL", "421 4.3.2 Going down", times=4, after=many // 3)
    trial.work(prepare=asks("127.9.9.9", tmp_path / "resolv.conf"))
    trial.until_taken(many // 3)
    until(lambda: "name server did not answer" in trial.said(), 60)
    assert trial.paused() == ""
    _answers(names)
    until(lambda: trial.states().keys() <= {"sent", "deferred"}, 100)
    trial.let_time_pass()  # of those who were sent away
    trial.settle()
    assert assert_invariants(trial, unknown=0)["sent"] == many


RELAY = "relay.northlight.test"


def _answers(names: DnsServer) -> None:
    names.fresh()
    names.names.add(RELAY, "A", "127.0.0.1")


def _break(names: DnsServer) -> None:
    names.fresh()
    names.names.add(RELAY, "SERVFAIL")


def _note(trial: Trial) -> str:
    from webapp.mail.models import SenderProcess

    with trial.desk.reading() as session:
        return " ".join(session.scalars(select(SenderProcess.note)))
