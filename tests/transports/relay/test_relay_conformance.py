"""The relay keeps the contract. Its address comes from the host; here it stands in for a secret field."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from tests.transports.smtp.test_smtp_conformance import AUTHORITY, context
from transports.fields import Secret
from transports.relay.transport import RelayTransport
from transports.testing.conformance import Arrived, Harness, TransportConformance, closed_port
from transports.testing.servers import SmtpServer


class AddressedRelay(RelayTransport):
    fields = (Secret(name="url", label="Address", required=True),)


class RelayHarness(Harness):
    transport = AddressedRelay
    cannot = frozenset({"webhooks"})

    def __enter__(self) -> Self:
        self.authority = self.mail_root / "authority.pem"
        AUTHORITY.cert_pem.write_to_path(Path(self.authority))
        self.server = SmtpServer(users={"mara@network.example": self.secret}, tls=context())
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    def address(self, secret: str, port: int) -> dict[str, str]:
        options = f"security=starttls&ca_file={self.authority}"
        return {"url": f"smtp://mara%40network.example:{secret}@localhost:{port}?{options}"}

    def settings(self) -> dict[str, str]:
        return self.address(self.secret, self.server.port)

    def wrong_secret(self) -> dict[str, str]:
        return self.address(self.false_secret, self.server.port)

    def unreachable(self) -> dict[str, str]:
        return self.address(self.secret, closed_port())

    def inbox(self) -> list[Arrived]:
        return [Arrived.from_bytes(one.recipients[0], one.data) for one in self.server.inbox]

    def reject(self, recipient: str) -> None:
        self.server.reject(recipient)

    def defer(self, recipient: str) -> None:
        self.server.defer(recipient)

    def cut_line(self) -> None:
        self.server.cut("DOT")


class TestRelay(TransportConformance):
    harness_class = RelayHarness
