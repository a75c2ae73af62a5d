"""A mailbox on a real Dovecot, with encryption in front of it."""

import ssl
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from tests.feedback.mailbox.dovecot import PASSWORD, USER, Dovecot
from tests.feedback.mailbox.front import Front
from webapp.desk import Desk
from webapp.feedback.mailbox import settings
from webapp.feedback.mailbox.models import Mailbox

SetUp = Callable[..., None]


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture(scope="session")
def server() -> Iterator[Dovecot]:
    with tempfile.TemporaryDirectory(prefix="offerpost-dovecot-") as folder:
        Path(folder).chmod(0o755)  # its own users have to get at it
        dovecot = Dovecot(Path(folder))
        yield dovecot
        dovecot.stop()


@pytest.fixture
def dovecot(server: Dovecot) -> Dovecot:
    server.empty()
    return server


@pytest.fixture
def fronts(server: Dovecot, context: ssl.SSLContext) -> Iterator[dict[str, Front]]:
    """By protocol and encryption, and `cut`: IMAP in the clear that breaks after 20,000 bytes."""
    imap, pop3 = server.ports["imap"], server.ports["pop3"]
    made = {
        "imap tls": Front(imap, context),
        "imap starttls": Front(imap, context, starttls="imap"),
        "pop3 tls": Front(pop3, context),
        "pop3 starttls": Front(pop3, context, starttls="pop3"),
        "imap cut": Front(imap, context, cut_after=20_000),
        "pop3 cut": Front(pop3, context, cut_after=20_000),
    }
    yield made
    for one in made.values():
        one.close()


@pytest.fixture
def environ(environ: dict[str, str], fronts: dict[str, Front], server: Dovecot) -> dict[str, str]:
    ports = [*(front.port for front in fronts.values()), *server.ports.values()]
    return environ | {"OFFERPOST_ALLOW_HOSTS": ",".join(f"localhost:{port}" for port in ports)}


@pytest.fixture
def typed(fronts: dict[str, Front], authority: trustme.CA) -> Callable[..., dict[str, str]]:
    """What is typed into the form for one of the fronts."""

    def make(front: str = "imap tls", **changed: str) -> dict[str, str]:
        protocol, security = front.split()
        return {
            "active": "true",
            "protocol": protocol,
            "host": "localhost",
            "port": str(fronts[front].port),
            "security": "tls" if security == "cut" else security,
            "username": USER,
            "auth": "password",
            "password": PASSWORD,
            "folder": "INBOX",
            "after": "keep",
            "minutes": "5",
            "ca_pem": authority.cert_pem.bytes().decode(),
            **changed,
        }

    return make


@pytest.fixture
def set_up(desk: Desk, typed: Callable[..., dict[str, str]]) -> SetUp:
    """Save the mailbox, with these values changed."""

    def save(front: str = "imap tls", **changed: str) -> None:
        with desk.session() as session:
            box = session.get(Mailbox, 1)
            settings.put(desk, session, "command line", settings.settle(box, typed(front, **changed)))

    return save
