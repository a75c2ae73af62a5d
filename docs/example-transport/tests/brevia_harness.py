"""A fake Brevia on this machine, and what the conformance kit needs to know about it."""

import base64
import json
import time
from typing import Any

from offerpost_brevia.transport import Brevia
from offerpost_brevia.webhook import signature

from transports.events import WebhookRequest
from transports.testing.conformance import Arrived, Harness, Webhooks, closed_port
from transports.testing.servers import Cut, WebAnswer, WebRequest, WebServer


class BreviaHarness(Harness):
    transport = Brevia

    def __enter__(self) -> "BreviaHarness":
        self.messages: dict[str, dict[str, Any]] = {}
        self.refused: dict[str, WebAnswer] = {}
        self.server = WebServer(self.answer).__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    def answer(self, request: WebRequest) -> WebAnswer:
        if request.headers.get("authorization") != f"Bearer {self.secret}":
            return WebAnswer(401, {"error": "unknown key"})
        if request.path == "/v1/account":
            return WebAnswer(200, {"domains": ["network.example"]})
        message = request.json()
        if message["to"] in self.refused:
            return self.refused[message["to"]]
        self.messages.setdefault(request.headers["idempotency-key"], message)
        return WebAnswer(202, {"id": f"br-{len(self.messages)}"})

    def settings(self) -> dict[str, str]:
        return {"endpoint": self.server.url, "api_key": self.secret, "webhook_secret": "hook-secret"}

    def unreachable(self) -> dict[str, str]:
        return self.settings() | {"endpoint": f"http://127.0.0.1:{closed_port()}"}

    def inbox(self) -> list[Arrived]:
        return [_arrived(message) for message in self.messages.values()]

    def reject(self, recipient: str) -> None:
        self.refused[recipient] = WebAnswer(422, {"error": "no such recipient"})

    def defer(self, recipient: str) -> None:
        self.refused[recipient] = WebAnswer(503, {"error": "try later"})

    def cut_line(self) -> None:
        self.server.next.append(Cut())

    def webhooks(self) -> Webhooks:
        body = json.dumps(
            [{"id": "e1", "type": "bounced", "message": "br-1", "to": "a@b.example", "at": 1793000000}]
        ).encode()
        now, old = str(int(time.time())), str(int(time.time()) - 3600)
        forged = (
            _signed("other", now, body),
            _signed("hook-secret", old, body),
            _signed("hook-secret", now, body + b" ", body),
        )
        return Webhooks(_signed("hook-secret", now, body), forged)


def _signed(secret: str, stamp: str, body: bytes, signed: bytes | None = None) -> WebhookRequest:
    header = f"t={stamp},v1={signature(secret, stamp, body if signed is None else signed)}"
    return WebhookRequest("POST", {"brevia-signature": header}, {}, body)


def _arrived(message: dict[str, Any]) -> Arrived:
    files = tuple((one["name"], base64.b64decode(one["content"])) for one in message["attachments"])
    return Arrived(
        message["to"], message["subject"], message["text"], message["html"], message["headers"], files
    )
