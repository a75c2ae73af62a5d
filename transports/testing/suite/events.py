"""What the service says later."""

from __future__ import annotations

import pytest

from transports.contract import Capability
from transports.errors import Unsupported
from transports.events import DeliveryEvent, EventKind, ForgedRequest, WebhookRequest
from transports.testing.harness import Harness
from transports.testing.needs import needs


class Events:
    @needs("webhooks")
    def test_a_genuine_event_is_understood(self, harness: Harness) -> None:
        if Capability.EVENTS not in harness.transport.capabilities:
            with pytest.raises(Unsupported):
                harness.build().events(WebhookRequest("POST", {}, {}, b"{}"))
            return
        events = harness.build().events(harness.webhooks().genuine)
        assert events, "nothing was understood"
        for event in events:
            assert isinstance(event, DeliveryEvent)
            assert isinstance(event.kind, EventKind)
            assert event.event_id, "without an id, a repeated event cannot be told from a new one"

    @needs("webhooks")
    def test_a_forged_event_is_refused(self, harness: Harness) -> None:
        if Capability.EVENTS in harness.transport.capabilities:
            forged = harness.webhooks().forged
            assert forged, "the harness forges nothing"
            for request in (
                *forged,
                WebhookRequest("POST", {}, {}, b""),
                WebhookRequest("POST", {}, {}, b"{"),
            ):
                with pytest.raises(ForgedRequest):
                    harness.build().events(request)
