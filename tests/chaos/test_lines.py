"""F14, F15: encryption that is not what it should be, names that lead nowhere."""

import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from sqlalchemy import select

from tests.chaos.conftest import Begin
from tests.chaos.harness import CANARY, USER, Trial, execute
from tests.chaos.invariants import assert_invariants
from tests.chaos.only import only_long, some
from tests.chaos.senders import until
from tests.chaos.witness import Witness
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


def _note(trial: Trial) -> str:
    from webapp.mail.models import SenderProcess

    with trial.desk.reading() as session:
        return " ".join(session.scalars(select(SenderProcess.note)))
