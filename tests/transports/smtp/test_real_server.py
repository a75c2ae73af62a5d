"""Against aiosmtpd: somebody else's idea of SMTP, with TLS and a login."""

from __future__ import annotations

import gc
import ssl
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.transports.smtp.conftest import MakeTransport
from tests.transports.smtp.mails import TestMail
from transports.contract import Status
from transports.errors import AuthError
from transports.testing.conformance import closed_port

# aiosmtpd leaves the sockets of its connections to the garbage collector when it stops.
pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
    "ignore:Requiring AUTH while not requiring TLS:UserWarning",  # it does not see TLS from the start
)

PASSWORD = "grün & blau=\x7e"


class Inbox:
    def __init__(self) -> None:
        self.mails: list[tuple[str, list[str], bytes]] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody@"):
            return "550 5.1.1 No such user"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.mails.append((envelope.mail_from or "", envelope.rcpt_tos, envelope.content))
        return "250 2.0.0 Ok: queued"


def check(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: LoginPassword
) -> AuthResult:
    return AuthResult(success=login.login == b"mara" and login.password == PASSWORD.encode(), handled=False)


class Postbox(Controller):
    def __init__(self, inbox: Inbox, context: ssl.SSLContext, *, implicit: bool) -> None:
        self.context = context
        chosen = {"ssl_context": context} if implicit else {}
        self.implicit = implicit
        super().__init__(inbox, hostname="127.0.0.1", port=closed_port(), **chosen)

    def factory(self) -> SMTP:
        tls = {} if self.implicit else {"tls_context": self.context, "require_starttls": True}
        return SMTP(
            self.handler,
            authenticator=check,
            auth_required=True,
            auth_require_tls=not self.implicit,
            enable_SMTPUTF8=True,
            **tls,
        )


@pytest.fixture(params=[False, True], ids=["starttls", "tls"])
def postbox(request: pytest.FixtureRequest, server_context: ssl.SSLContext) -> Iterator[Postbox]:
    running = Postbox(Inbox(), server_context, implicit=request.param)
    running.start()
    yield running
    running.stop()
    gc.collect()


@pytest.fixture
def settings(postbox: Postbox, ca_pem: str) -> dict[str, object]:
    security = "tls" if postbox.implicit else "starttls"
    return {
        "host": "localhost",
        "security": security,
        "username": "mara",
        "password": PASSWORD,
        "ca_pem": ca_pem,
    }


@pytest.mark.parametrize("auth", ["plain", "login"])
def test_a_hundred_mails_arrive_each_once(smtp: MakeTransport, postbox: Postbox, settings, auth) -> None:
    batch = [TestMail(number) for number in range(100)] + [TestMail(100, recipient="nobody@example.net")]
    found = list(smtp(postbox.port, connections=4, auth=auth, **settings).send(iter(batch)))
    outcomes = {one.key: one.status for one in found}
    assert len(found) == 101
    assert outcomes.pop("100") is Status.REJECTED
    assert set(outcomes.values()) == {Status.ACCEPTED}
    for sender, [recipient], content in postbox.handler.mails:
        number = recipient.split("@")[0][1:]
        assert sender == "news@mail.example"
        assert message_from_bytes(content, policy=default)["Message-ID"] == f"<{number}@mail.example>"
    assert len({recipients[0] for _, recipients, _ in postbox.handler.mails}) == 100


def test_letters_beyond_ascii_arrive_in_address_and_text(
    smtp: MakeTransport, postbox: Postbox, settings
) -> None:
    message = "Subject: Grüße\r\n\r\nschön .\r\n.\r\n".encode()
    [found] = smtp(postbox.port, **settings).send(
        [TestMail(recipient="jörg@bücher.example", message=message)]
    )
    assert found.status is Status.ACCEPTED
    [(_, recipients, content)] = postbox.handler.mails
    assert recipients == ["jörg@xn--bcher-kva.example"]
    assert content == message


def test_the_connection_test_passes_and_sends_nothing(
    smtp: MakeTransport, postbox: Postbox, settings
) -> None:
    checks = smtp(postbox.port, **settings).probe("news@mail.example")
    assert [one.verdict for one in checks] == ["pass"] * 5
    assert postbox.handler.mails == []


def test_a_wrong_password_is_an_auth_error(smtp: MakeTransport, postbox: Postbox, settings) -> None:
    with pytest.raises(AuthError):
        list(smtp(postbox.port, **{**settings, "password": "wrong"}).send([TestMail(1)]))
    assert postbox.handler.mails == []
