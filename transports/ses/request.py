"""One mail as the body of a SendEmail request."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from typing import Any

from transports.contract import OutgoingMail
from transports.smtp.commands import ascii_recipient, ascii_sender

_NOT_IN_A_TAG = re.compile(r"[^A-Za-z0-9_.@-]")
_MOST_TAGS = 50


def send_email(mail: OutgoingMail, configuration_set: str) -> bytes:
    """The JSON for this mail; raises `smtp.commands.Unfit` if SES cannot take its addresses."""
    wanted: dict[str, Any] = {
        "FromEmailAddress": ascii_sender(mail.sender),
        "Destination": {"ToAddresses": [ascii_recipient(mail.recipient)]},
        "Content": {"Raw": {"Data": base64.b64encode(mail.to_bytes()).decode()}},
    }
    if configuration_set:
        wanted["ConfigurationSetName"] = configuration_set
    if mail.tags:
        wanted["EmailTags"] = _tags(mail.tags)
    return json.dumps(wanted, separators=(",", ":")).encode()


def _tags(tags: Sequence[str]) -> list[dict[str, str]]:
    """SES tags are pairs of few letters: "campaign=autumn" is one, a bare tag gets a name by its place."""
    pairs: dict[str, str] = {}
    for place, tag in enumerate(tags[:_MOST_TAGS], start=1):
        name, equals, value = tag.partition("=")
        key, text = (name, value) if equals and name and value else (f"tag-{place}", tag)
        pairs[_NOT_IN_A_TAG.sub("_", key)[:256]] = _NOT_IN_A_TAG.sub("_", text)[:256]
    return [{"Name": name, "Value": value} for name, value in pairs.items()]
