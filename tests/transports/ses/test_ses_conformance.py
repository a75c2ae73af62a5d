"""SES keeps the contract."""

from __future__ import annotations

from typing import Self

import pytest

from tests.transports.ses.service import KEY_ID, REGION, FakeSes, error
from tests.transports.ses.topic import ARN, event, running_sns, stamp
from transports.ses.transport import SesTransport
from transports.testing.conformance import Arrived, Harness, TransportConformance, Webhooks, closed_port
from transports.testing.servers import Cut


class SesHarness(Harness):
    transport = SesTransport

    def __enter__(self) -> Self:
        self.service = FakeSes(secret=self.secret)
        self.service.__enter__()
        self.trust = pytest.MonkeyPatch()
        self.running = running_sns(self.mail_root, self.trust)
        self.sns = self.running.__enter__()
        self.net = self.sns.net().for_operator()
        return self

    def __exit__(self, *_: object) -> None:
        self.sns.over.set()  # both leave off at once
        self.service.__exit__()
        self.running.__exit__(None, None, None)
        self.trust.undo()

    def settings(self) -> dict[str, str]:
        key = {"access_key_id": KEY_ID, "secret_access_key": self.secret}
        return {"region": REGION, "endpoint": self.service.url, "topic_arn": ARN, **key}

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

    def webhooks(self) -> Webhooks:
        return Webhooks(
            genuine=self.sns.notification(event("Bounce")),
            forged=(
                self.sns.notification(event("Bounce"), signer="forger"),
                self.sns.notification(event("Bounce"), TopicArn=ARN + "x"),
                self.sns.notification(event("Bounce"), Timestamp=stamp(hours=2)),
            ),
        )


class TestSes(TransportConformance):
    harness_class = SesHarness
