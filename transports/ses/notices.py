"""What SES says in a notice, in the words of the contract. Both shapes: event publishing, and feedback notifications."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from transports.events import MESSAGE_ID, SENDER, DeliveryEvent, EventKind
from transports.said import printable

MOST = 50  # recipients of one notice; SES takes no more in one mail
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True, slots=True)
class _About:
    recipient: str
    code: str = ""
    words: str = ""


def translated(message_id: str, text: str, at: datetime) -> list[DeliveryEvent]:
    """One event a recipient; none for what means nothing to us, such as “Send” or SES's greeting to a new topic.

    `message_id` and `at` are those of the SNS message. A bounce is permanent only if SES calls it “Permanent”: “Transient”
    and “Undetermined” never are, whatever code stands beside them.
    """
    told = _object_of(text)
    mail = _within(told, "mail")
    make = _MAKERS.get(str(told.get("eventType") or told.get("notificationType") or ""))
    if make is None or not _text(mail, "messageId"):
        return []
    kind, permanent, found = make(told)
    named = {SENDER: _text(mail, "source"), MESSAGE_ID: _own_message_id(mail)}
    return [
        DeliveryEvent(
            event_id=message_id if place == 0 else f"{message_id}-{place}",
            kind=kind,
            provider_id=_text(mail, "messageId")[:200],
            recipient=_bare(about.recipient),
            at=at,
            permanent=permanent,
            code=about.code if _STATUS.fullmatch(about.code) else "",
            detail=about.words[:500],
            metadata={name: value for name, value in named.items() if value},
        )
        for place, about in enumerate(found[:MOST])
    ]


_Made = tuple[EventKind, bool, list[_About]]


def _bounce(told: Mapping[str, Any]) -> _Made:
    bounce = _within(told, "bounce")
    kind = " ".join(filter(None, (_text(bounce, "bounceType"), _text(bounce, "bounceSubType"))))
    found = [
        _About(
            _text(one, "emailAddress"),
            _text(one, "status"),
            f"{kind}: {_text(one, 'diagnosticCode')}".rstrip(": "),
        )
        for one in _each(bounce, "bouncedRecipients")
    ]
    return EventKind.BOUNCED, _text(bounce, "bounceType") == "Permanent", found


def _complaint(told: Mapping[str, Any]) -> _Made:
    complaint = _within(told, "complaint")
    kind = _text(complaint, "complaintFeedbackType")
    if kind == "not-spam":  # the reader took the mail out of the folder for spam: the opposite of a complaint
        return EventKind.COMPLAINED, False, []
    words = " ".join(filter(None, (kind, _text(complaint, "complaintSubType"))))
    people = [_text(one, "emailAddress") for one in _each(complaint, "complainedRecipients")]
    return EventKind.COMPLAINED, False, [_About(one, "", words) for one in people]


def _delivery(told: Mapping[str, Any]) -> _Made:
    delivery = _within(told, "delivery")
    words = _text(delivery, "smtpResponse")
    return EventKind.DELIVERED, False, [_About(one, "", words) for one in _addresses(delivery, "recipients")]


def _delay(told: Mapping[str, Any]) -> _Made:
    delay = _within(told, "deliveryDelay")
    found = [
        _About(
            _text(one, "emailAddress"),
            _text(one, "status"),
            f"{_text(delay, 'delayType')}: {_text(one, 'diagnosticCode')}".strip(": "),
        )
        for one in _each(delay, "delayedRecipients")
    ]
    return EventKind.DEFERRED, False, found


def _reject(told: Mapping[str, Any]) -> _Made:
    """SES took the mail and then did not send it: it says nothing of the address."""
    why = _text(_within(told, "reject"), "reason") or _text(_within(told, "failure"), "errorMessage")
    words = f"SES took the mail and did not send it: {why}".rstrip(": ")
    people = _addresses(_within(told, "mail"), "destination")
    return EventKind.BOUNCED, False, [_About(one, "", words) for one in people]


_MAKERS = {
    "Bounce": _bounce,
    "Complaint": _complaint,
    "Delivery": _delivery,
    "DeliveryDelay": _delay,
    "Reject": _reject,
    "Rendering Failure": _reject,
}


def _own_message_id(mail: Mapping[str, Any]) -> str:
    """The Message-ID that we gave; SES writes one of its own over it, but tells ours among the headers if asked to."""
    ours = (one for one in _each(mail, "headers") if _text(one, "name").lower() == "message-id")
    return _text(next(ours, {}), "value")[:300]


def _object_of(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _within(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = told.get(name)
    return found if isinstance(found, dict) else {}


def _each(told: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    found = told.get(name)
    return (one for one in found if isinstance(one, dict)) if isinstance(found, list) else iter(())


def _addresses(told: Mapping[str, Any], name: str) -> list[str]:
    found = told.get(name)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _text(told: Mapping[str, Any], name: str) -> str:
    found = told.get(name)
    return printable(found.strip()) if isinstance(found, str) else ""


def _bare(address: str) -> str:
    """SES repeats what stood in the header: with or without angle brackets."""
    inner = re.search(r"<([^<>]*)>\s*$", address)
    return (inner[1] if inner else printable(address))[:254]
