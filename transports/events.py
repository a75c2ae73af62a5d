"""What a service tells us later by a webhook: bounces, complaints, deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from transports.errors import TransportError


class ForgedRequest(TransportError):
    """The signature of a webhook is missing, wrong or too old; the host answers 400 and stores nothing."""


class EventKind(StrEnum):
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    DEFERRED = "deferred"
    COMPLAINED = "complained"
    OPENED = "opened"
    CLICKED = "clicked"
    UNSUBSCRIBED = "unsubscribed"
    CONNECTED = "connected"  # the service will send its notices here; it concerns no mail
    DISCONNECTED = "disconnected"  # and this one says that it will no more


SENDER, MESSAGE_ID = "sender", "message_id"
"""Keys of `DeliveryEvent.metadata`: envelope sender and Message-ID with which the mail was handed over."""


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """The plain request: header names in lower case, the body as it came."""

    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class DeliveryEvent:
    """One thing that happened to one mail; `event_id` is the provider's and makes repeats harmless.

    `permanent` tells a hard bounce from a soft one. `provider_id` is that of the `Delivery`. What else the service repeats
    of the mail helps to find it when that id is not recorded yet: `SENDER` and `MESSAGE_ID` in `metadata`.
    """

    event_id: str
    kind: EventKind
    provider_id: str
    recipient: str
    at: datetime | None = None
    permanent: bool = False
    code: str = ""
    detail: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
