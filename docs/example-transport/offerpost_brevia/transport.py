"""One request for one mail. `Authorization: Bearer` carries the key, `Idempotency-Key` keeps a repeat from doubling."""

import base64
import json
from typing import Any

from offerpost_brevia import webhook
from transports.checks import Check, Step, Verdict
from transports.contract import Capability, Delivery, Limits, OutgoingMail, Settings, Stage, Status, Transport
from transports.errors import AuthError, RateLimited, TemporaryError, TransportError
from transports.events import DeliveryEvent, WebhookRequest
from transports.fields import FieldProblem, Secret, Text
from transports.net import Deadline, HttpReply

WHERE_TO_FIND_IT = "Copy the key again from Brevia → Settings → API keys."


class Brevia(Transport):
    contract = 1
    kind = "brevia"
    label = "Brevia"
    summary = "Brevia's API; needs an account there."
    fields = (
        Text(
            "endpoint",
            "API address",
            default="https://api.brevia.example",
            required=True,
            destination=True,
            advanced=True,
        ),
        Secret("api_key", "API key", help=WHERE_TO_FIND_IT, required=True),
        Secret(
            "webhook_secret",
            "Webhook secret",
            help="From Brevia → Webhooks. Without it no bounces are reported.",
        ),
    )
    capabilities = frozenset({Capability.TAGS, Capability.EVENTS, Capability.IDEMPOTENT})
    limits = Limits(connections=4, message_bytes=10_000_000)

    @classmethod
    def check(cls, settings: Settings) -> list[FieldProblem]:
        if str(settings.get("endpoint")).startswith(("https://", "http://")):
            return []
        return [
            FieldProblem(
                "endpoint", "API address must begin with https://. Copy it from Brevia's documentation."
            )
        ]

    def send_one(self, mail: OutgoingMail) -> Delivery | None:
        body = json.dumps(_message(mail)).encode()
        if not mail.leaving():
            return None
        reply = self._call("POST", "/v1/messages", body, {"Idempotency-Key": mail.key})
        return _outcome(mail, reply)

    def probe(self, sender: str) -> list[Check]:
        try:
            reply = self._call("GET", "/v1/account")
            senders = json.loads(reply.body).get("domains", [])
        except AuthError as trouble:
            return [Check(Step.CONNECT, Verdict.PASS), _failed(Step.LOGIN, trouble)]
        except TransportError as trouble:
            return [_failed(Step.CONNECT, trouble)]
        except Exception:
            trouble = TemporaryError("That is not Brevia's API.", hint="Check the API address.")
            return [_failed(Step.CONNECT, trouble)]
        found = [
            Check(Step.CONNECT, Verdict.PASS),
            Check(Step.LOGIN, Verdict.PASS, words="The API key is good."),
        ]
        domain = sender.rpartition("@")[2]
        if domain in senders:
            return [*found, Check(Step.SENDER, Verdict.PASS, words=f"Brevia knows {domain}.")]
        remedy = f"Add {domain} at Brevia → Domains."
        return [
            *found,
            Check(Step.SENDER, Verdict.FAIL, words=f"Brevia does not know {domain}.", remedies=(remedy,)),
        ]

    def events(self, request: WebhookRequest) -> list[DeliveryEvent]:
        return webhook.events(str(self.settings["webhook_secret"]), request)

    def _call(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> HttpReply:
        """The answer of the API; what concerns the whole account is raised."""
        reply = self.net.http(
            method,
            str(self.settings["endpoint"]).rstrip("/") + path,
            headers={
                "Authorization": f"Bearer {self.settings['api_key']}",
                "Content-Type": "application/json",
                **(headers or {}),
            },
            body=body,
            deadline=Deadline(30),
        )
        if reply.status in (401, 403):
            raise AuthError("Brevia refused the API key.", f"HTTP {reply.status}", WHERE_TO_FIND_IT)
        if reply.status == 429:
            seconds = float(reply.headers.get("retry-after", "10"))
            raise RateLimited("Brevia wants us to slow down.", "HTTP 429", retry_after=seconds)
        return reply


def _message(mail: OutgoingMail) -> dict[str, Any]:
    own = {"from", "to", "subject"}
    return {
        "from": mail.header("From"),
        "to": mail.recipient,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "headers": {name: value for name, value in mail.headers if name.lower() not in own},
        "tags": list(mail.tags),
        "attachments": [
            {"name": one.name, "type": one.mime_type, "content": base64.b64encode(one.content).decode()}
            for one in mail.attachments
        ],
    }


def _outcome(mail: OutgoingMail, reply: HttpReply) -> Delivery:
    said = reply.body.decode("utf-8", "replace")
    code = str(reply.status)
    if reply.status == 202:
        return Delivery(mail.key, Status.ACCEPTED, Stage.API, json.loads(said).get("id", ""), code, said)
    if reply.status == 422:
        return Delivery(mail.key, Status.REJECTED, Stage.API, code=code, detail=said)
    return Delivery(mail.key, Status.DEFERRED, Stage.API, code=code, detail=said)


def _failed(step: Step, trouble: TransportError) -> Check:
    return Check(
        step,
        Verdict.FAIL,
        said=trouble.detail,
        words=trouble.reason,
        remedies=(trouble.hint or "Try again.",),
    )
