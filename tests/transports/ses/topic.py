"""A stand-in for Amazon SNS on loopback: real certificates over real TLS, real signatures, and a key for the forger.

The program believes that it talks to sns.eu-central-1.amazonaws.com: only the name server and the dialler are ours.
"""

from __future__ import annotations

import base64
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from transports.events import WebhookRequest
from transports.net import Net
from transports.ses import webhook
from transports.ses.certificates import Signers
from transports.testing.servers import WebAnswer, WebRequest, WebServer

REGION = "eu-central-1"
HOST = f"sns.{REGION}.amazonaws.com"
ADDRESS = "54.239.1.1"  # a public one, so that the policy for addresses has nothing against it
ARN = f"arn:aws:sns:{REGION}:123456789012:desk"
_ORDER = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")


@cache
def key(whose: str) -> RSAPrivateKey:
    """Made once a run: Amazon's, its authority's, the forger's."""
    return generate_private_key(65537, 1024 if whose == "weak" else 2048)


def certificate(
    *,
    whose: str = "amazon",
    issuer: str = "authority",
    names: tuple[str, ...] = (HOST,),
    days: int = 30,
    ca: bool = False,
) -> x509.Certificate:
    """A certificate of `whose` key that ends in so many days, signed with the key of `issuer`."""
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(whose))
        .issuer_name(_name(issuer))
        .public_key(key(whose).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .sign(key(issuer), SHA256())
    )


class FakeSns(WebServer):
    """`serve(...)` puts a certificate up and returns its address; `confirmed` are the topics whose subscription was."""

    def __init__(self) -> None:
        authority = trustme.CA()
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(HOST).configure_cert(tls)
        super().__init__(self._answered, tls=tls)
        self.authority = authority.cert_pem.bytes()
        self.files: dict[str, bytes] = {}
        self.confirmed: list[str] = []
        self.url_of_certificate = self.serve(certificate())

    def serve(self, *chain: x509.Certificate) -> str:
        path = f"/SimpleNotificationService-{token_hex(16)}.pem"
        self.files[path] = b"".join(one.public_bytes(Encoding.PEM) for one in chain)
        return f"https://{HOST}{path}"

    def net(self) -> Net:
        """The host's connector, with a name server that knows only Amazon's name, and sends it to this machine."""
        return Net(floor=0, resolver=self._resolve, dialer=self._dial)

    def _resolve(self, host: str, port: int) -> list[str]:
        return [ADDRESS] if host == HOST else [host]

    def _dial(self, address: str, port: int, seconds: float) -> socket.socket:
        place = ("127.0.0.1", self.port) if (address, port) == (ADDRESS, 443) else (address, port)
        return socket.create_connection(place, seconds)

    def _answered(self, request: WebRequest) -> WebAnswer:
        url = urlsplit(request.path)
        asked = parse_qs(url.query)
        if url.path in self.files:
            return WebAnswer(200, self.files[url.path])
        if asked.get("Action") == ["ConfirmSubscription"]:
            self.confirmed += asked["TopicArn"]
            return WebAnswer(200, "<ConfirmSubscriptionResponse/>")
        return WebAnswer(404)

    def notification(self, told: Any, **changed: Any) -> WebhookRequest:
        """A signed notification. `changed` are fields of the envelope, `version` and `signer` those of the signature."""
        text = told if isinstance(told, str) else json.dumps(told)
        return self._signed(
            {"Type": "Notification", "Message": text, "Subject": "Amazon SES Email Event"}, changed
        )

    def subscription(self, kind: str = "SubscriptionConfirmation", **changed: Any) -> WebhookRequest:
        token = token_hex(40)
        url = f"https://{HOST}/?Action=ConfirmSubscription&TopicArn={changed.get('TopicArn', ARN)}&Token={token}"
        fields = {
            "Type": kind,
            "Message": "You have chosen to subscribe",
            "Token": token,
            "SubscribeURL": url,
        }
        return self._signed(fields, changed)

    def _signed(self, fields: dict[str, str], changed: dict[str, Any]) -> WebhookRequest:
        version, signer = changed.pop("version", "2"), changed.pop("signer", "amazon")
        after = changed.pop("after_signing", {})
        fields = {
            "MessageId": str(uuid4()),
            "TopicArn": ARN,
            "Timestamp": stamp(),
            "SignatureVersion": version,
            "SigningCertURL": self.url_of_certificate,
            **fields,
            **changed,
        }
        text = "".join(f"{name}\n{fields[name]}\n" for name in _ORDER if name in fields).encode()
        algorithm = SHA1() if version == "1" else SHA256()
        fields["Signature"] = base64.b64encode(key(signer).sign(text, PKCS1v15(), algorithm)).decode()
        return request({**fields, **after})


def request(fields: dict[str, Any] | bytes) -> WebhookRequest:
    body = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
    return WebhookRequest("POST", {"content-type": "text/plain; charset=UTF-8"}, {}, body)


def stamp(**ago: float) -> str:
    at = datetime.now(UTC) - timedelta(**ago)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event(
    kind: str, recipient: str = "dana@brightpath.example.com", provider_id: str = "0107-1", **more: Any
) -> dict[str, Any]:
    """What SES publishes: `more` are the fields of the event's own object, and `mail` those of the mail."""
    mail = {"messageId": provider_id, "destination": [recipient], **more.pop("mail", {})}
    code = more.pop("code", "5.1.1")
    inside: dict[str, tuple[str, dict[str, Any]]] = {
        "Bounce": (
            "bounce",
            {
                "bounceType": "Permanent",
                "bounceSubType": "General",
                "bouncedRecipients": [
                    {
                        "emailAddress": recipient,
                        "status": code,
                        "diagnosticCode": f"smtp; 550 {code} user unknown",
                    }
                ],
                "feedbackId": token_hex(8),
            },
        ),
        "Complaint": (
            "complaint",
            {"complainedRecipients": [{"emailAddress": recipient}], "complaintFeedbackType": "abuse"},
        ),
        "Delivery": ("delivery", {"recipients": [recipient], "smtpResponse": "250 2.0.0 queued"}),
        "DeliveryDelay": (
            "deliveryDelay",
            {
                "delayType": "MailboxFull",
                "delayedRecipients": [{"emailAddress": recipient, "status": "4.2.2"}],
            },
        ),
        "Reject": ("reject", {"reason": "Bad content"}),
    }
    name, fields = inside.get(kind, (kind.lower(), {}))
    return {"eventType": kind, "mail": mail, name: {**fields, **more}}


@contextmanager
def running_sns(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSns]:
    """Its authority is one that this machine trusts, as it trusts Amazon's."""
    with FakeSns() as service:
        trust(service, folder, monkeypatch)
        yield service


def trust(service: FakeSns, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of an earlier test is in the transport's memory either."""
    monkeypatch.setattr(webhook, "_SIGNERS", Signers())
    (folder / "trusted.pem").write_bytes(service.authority)
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "trusted.pem"))


def _name(whose: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, whose)])
