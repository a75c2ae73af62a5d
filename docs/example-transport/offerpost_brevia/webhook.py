"""Brevia signs `timestamp.body` with HMAC-SHA-256 and puts both into the header Brevia-Signature: t=…,v1=…"""

import hmac
import json
import time
from datetime import UTC, datetime

from transports.events import DeliveryEvent, EventKind, ForgedRequest, WebhookRequest

FRESH = 300  # seconds
KINDS = {"delivered": EventKind.DELIVERED, "bounced": EventKind.BOUNCED, "complained": EventKind.COMPLAINED}


def events(secret: str, request: WebhookRequest) -> list[DeliveryEvent]:
    """What happened; events that mean nothing to us are left out."""
    _verify(secret, request)
    return [
        DeliveryEvent(
            event_id=one["id"],
            kind=KINDS[one["type"]],
            provider_id=one["message"],
            recipient=one["to"],
            at=datetime.fromtimestamp(one["at"], UTC),
            permanent=one.get("permanent", False),
            detail=one.get("reason", ""),
        )
        for one in json.loads(request.body)
        if one["type"] in KINDS
    ]


def signature(secret: str, stamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, "sha256").hexdigest()


def _verify(secret: str, request: WebhookRequest) -> None:
    parts = dict(part.partition("=")[::2] for part in request.headers.get("brevia-signature", "").split(","))
    stamp, given = parts.get("t", ""), parts.get("v1", "")
    if not secret or not stamp.isdecimal() or abs(time.time() - int(stamp)) > FRESH:
        raise ForgedRequest(
            "The webhook is unsigned or too old.", hint="Copy the webhook secret again from Brevia."
        )
    if not hmac.compare_digest(signature(secret, stamp, request.body), given):
        raise ForgedRequest(
            "The signature of the webhook is wrong.", hint="Copy the webhook secret again from Brevia."
        )
