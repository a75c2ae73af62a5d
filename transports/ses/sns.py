"""One message of Amazon SNS: its shape, its topic, its age and its signature. Nothing of it is believed before that."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm

from transports.events import ForgedRequest, WebhookRequest
from transports.ses.checking import Topic

LONGEST = 300 * 1024  # SNS carries 256 KiB, and its envelope
OLDEST, AHEAD = timedelta(hours=1), timedelta(minutes=5)  # SNS repeats for an hour; clocks differ
NOTIFICATION, SUBSCRIBED, UNSUBSCRIBED = (
    "Notification",
    "SubscriptionConfirmation",
    "UnsubscribeConfirmation",
)
_HASHES: Mapping[str, type[HashAlgorithm]] = {"1": SHA1, "2": SHA256}  # as the topic is set
_SIGNED = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    SUBSCRIBED: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    UNSUBSCRIBED: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_ID = re.compile(r"[A-Za-z0-9-]{8,80}")
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?Z")


@dataclass(frozen=True, slots=True)
class Message:
    """An envelope of the pinned topic. Its signature is checked by `verify`."""

    fields: Mapping[str, str]
    at: datetime

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    @property
    def type(self) -> str:
        return self["Type"]


def opened(request: WebhookRequest, topic: Topic) -> Message:
    """The envelope in a request: small, whole, of that topic, of the last hour; else `ForgedRequest`."""
    fields = _fields(request.body)
    if "eventType" in fields or "notificationType" in fields:
        hint = "Turn “raw message delivery” off for this subscription: without the envelope there is no signature."
        raise ForgedRequest("The notice has no signature.", hint=hint)
    if fields.get("TopicArn") != topic.arn:
        raise ForgedRequest(
            "The notice is of another topic than the one in the settings of this mail server.",
            f"TopicArn {fields.get('TopicArn', '')[:300]!r}",
        )
    if fields.get("Type") not in _SIGNED or not _ID.fullmatch(fields.get("MessageId", "")):
        raise ForgedRequest("This is no message of Amazon SNS.", f"Type {fields.get('Type', '')[:60]!r}")
    return Message(fields, _fresh(fields.get("Timestamp", "")))


def verify(message: Message, key: RSAPublicKey) -> None:
    """Raises `ForgedRequest` unless the holder of `key` signed these very fields (signature version 1 or 2)."""
    algorithm = _HASHES.get(message["SignatureVersion"])
    if algorithm is None:
        raise ForgedRequest(
            "The notice has a signature of an unknown kind.", message["SignatureVersion"][:20]
        )
    try:
        signature = base64.b64decode(message["Signature"], validate=True)
        key.verify(signature, canonical(message), PKCS1v15(), algorithm())
    except (InvalidSignature, ValueError):  # ValueError: no base64, or text that has no bytes
        raise ForgedRequest("The signature of the notice is wrong.") from None


def canonical(message: Message) -> bytes:
    """The text that is signed: names and values, a line each, in the order of the names."""
    named = [name for name in _SIGNED[message.type] if name in message.fields]
    return "".join(f"{name}\n{message[name]}\n" for name in named).encode()


def confirmation(message: Message, topic: Topic) -> str:
    """The address at Amazon that confirms the subscription; built here, and equal to the one that was sent."""
    wanted = {"Action": "ConfirmSubscription", "TopicArn": topic.arn, "Token": message["Token"]}
    try:
        given = urlsplit(message["SubscribeURL"])
        same = (given.scheme, given.netloc, given.path, given.fragment) == ("https", topic.host, "/", "")
        asked = parse_qsl(given.query, keep_blank_values=True)
    except ValueError:
        same, asked = False, []
    if not same or sorted(asked) != sorted(wanted.items()):
        raise ForgedRequest(
            "The address that would confirm the subscription is not one of Amazon SNS for this topic.",
            f"SubscribeURL {message['SubscribeURL'][:300]!r}",
        )
    return f"https://{topic.host}/?{urlencode(wanted)}"


def _fields(body: bytes) -> dict[str, str]:
    if len(body) > LONGEST:
        raise ForgedRequest("The notice is too long to be one of Amazon SNS.", f"{len(body)} bytes")
    try:
        found = json.loads(body, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise ForgedRequest("This is no message of Amazon SNS.", "no sound JSON") from None
    if not isinstance(found, dict):
        raise ForgedRequest("This is no message of Amazon SNS.", "no JSON object")
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A name that stands twice is read differently by different readers."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _fresh(stamp: str) -> datetime:
    try:
        at = datetime.fromisoformat(stamp) if _STAMP.fullmatch(stamp) else None
    except ValueError:
        at = None
    if at is None:
        raise ForgedRequest("The notice bears no time.", f"Timestamp {stamp[:60]!r}")
    age = datetime.now(UTC) - at
    if not -AHEAD <= age <= OLDEST:
        raise ForgedRequest(
            "The notice is too old.", f"Timestamp {stamp}", hint="If it is new, set this machine's clock."
        )
    return at
