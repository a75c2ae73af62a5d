"""SMTP keeps the contract: over STARTTLS and over TLS from the start, both with a login, in lock-step, and by BDAT."""

from __future__ import annotations

import ssl
from typing import Self

import trustme

from transports.smtp.transport import SmtpTransport
from transports.testing.conformance import Arrived, Harness, TransportConformance, closed_port
from transports.testing.servers import EXTENSIONS, SmtpServer

AUTHORITY = trustme.CA()


def context() -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("localhost", "127.0.0.1").configure_cert(made)
    return made


class SmtpHarness(Harness):
    transport = SmtpTransport
    cannot = frozenset({"webhooks"})
    implicit = False
    extensions = EXTENSIONS

    def __enter__(self) -> Self:
        users = {"mara": self.secret}
        self.server = SmtpServer(
            users=users, tls=context(), implicit=self.implicit, extensions=self.extensions
        )
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    def settings(self) -> dict[str, str]:
        return {
            "host": "localhost",
            "port": str(self.server.port),
            "security": "tls" if self.implicit else "starttls",
            "username": "mara",
            "password": self.secret,
            "ca_pem": AUTHORITY.cert_pem.bytes().decode(),
        }

    def unreachable(self) -> dict[str, str]:
        return self.settings() | {"port": str(closed_port())}

    def inbox(self) -> list[Arrived]:
        return [Arrived.from_bytes(one.recipients[0], one.data) for one in self.server.inbox]

    def reject(self, recipient: str) -> None:
        self.server.reject(recipient)

    def defer(self, recipient: str) -> None:
        self.server.defer(recipient)

    def cut_line(self) -> None:
        self.server.cut("DOT")


class ImplicitTls(SmtpHarness):
    implicit = True


class Lockstep(SmtpHarness):
    extensions = tuple(one for one in EXTENSIONS if one != "PIPELINING")


class Chunked(SmtpHarness):
    extensions = (*EXTENSIONS, "CHUNKING")

    def settings(self) -> dict[str, str]:
        return super().settings() | {"window": "4"}


class TestStarttls(TransportConformance):
    harness_class = SmtpHarness


class TestImplicitTls(TransportConformance):
    harness_class = ImplicitTls


class TestLockstep(TransportConformance):
    harness_class = Lockstep


class TestChunked(TransportConformance):
    harness_class = Chunked
