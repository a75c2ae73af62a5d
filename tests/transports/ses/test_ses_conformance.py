"""SES keeps the contract."""

from __future__ import annotations

from typing import Self

from tests.transports.ses.service import KEY_ID, REGION, FakeSes, error
from transports.ses.transport import SesTransport
from transports.testing.conformance import Arrived, Harness, TransportConformance, closed_port
from transports.testing.servers import Cut


class SesHarness(Harness):
    transport = SesTransport
    cannot = frozenset({"webhooks"})

    def __enter__(self) -> Self:
        self.service = FakeSes(secret=self.secret)
        self.service.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.service.__exit__()

    def settings(self) -> dict[str, str]:
        key = {"access_key_id": KEY_ID, "secret_access_key": self.secret}
        return {"region": REGION, "endpoint": self.service.url, **key}

    def unreachable(self) -> dict[str, str]:
        return self.settings() | {"endpoint": f"http://127.0.0.1:{closed_port()}"}

    def inbox(self) -> list[Arrived]:
        return [Arrived.from_bytes(recipient, message) for _, recipient, message in self.service.inbox]

    def reject(self, recipient: str) -> None:
        self.service.refused[recipient] = error(400, "MessageRejected", "Illegal content")

    def defer(self, recipient: str) -> None:
        self.service.refused[recipient] = error(503, "ServiceUnavailable", "Busy")

    def cut_line(self) -> None:
        self.service.next = [Cut()]


class TestSes(TransportConformance):
    harness_class = SesHarness
