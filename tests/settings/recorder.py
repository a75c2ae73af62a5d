"""A real SMTP server that asks for a password and writes down every one that it is sent."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session


@dataclass
class Recorder:
    """`logins` holds (user, password) as they arrived; `ca_pem` is the authority of its certificate."""

    port: int = 0
    ca_pem: str = ""
    logins: list[tuple[str, str]] = field(default_factory=list)
    connections: int = 0
    wants: str = "the right password"

    async def handle_EHLO(self, server, session: Session, envelope: Envelope, hostname: str, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    def check(self, server, session, envelope, mechanism, data) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        right = data.password.decode() == self.wants
        return AuthResult(success=right, handled=right)


@contextmanager
def recording(ca: trustme.CA | None = None) -> Iterator[Recorder]:
    """The server, with STARTTLS if there is an authority to sign its certificate."""
    recorder = Recorder()
    context = None
    if ca is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert("localhost", "127.0.0.1").configure_cert(context)
        recorder.ca_pem = ca.cert_pem.bytes().decode()
    controller = Controller(
        recorder,
        hostname="127.0.0.1",
        port=_free_port(),
        tls_context=context,
        authenticator=recorder.check,
        auth_require_tls=context is not None,
        auth_required=True,
    )
    controller.start()
    recorder.port = controller.port
    try:
        yield recorder
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
