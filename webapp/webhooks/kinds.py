"""The events that a webhook can choose, in one table. Form, documentation and sender read it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """`means` is a sentence for people; `more` are the fields that such an event has beside those of every event."""

    slug: str
    label: str
    means: str
    more: tuple[str, ...] = ()


_TABLE = (
    Kind("accepted", "Accepted", "The next mail server took the mail. That is not yet delivered.", ("code",)),
    Kind("failed", "Failed", "The mail was refused for good, or given up.", ("code",)),
    Kind(
        "bounced",
        "Bounced",
        "It came back after it was accepted. “severity” is hard, soft or unknown.",
        ("severity", "code"),
    ),
    Kind("complained", "Complained", "The reader called it spam."),
    Kind("opted_out", "Opted out", "The reader left the news, or one topic of them.", ("topic",)),
    Kind(
        "clicked",
        "Clicked",
        "A person took a counted link; programs that check links are left out.",
        ("link",),
    ),
    Kind("replied", "Replied", "The reader answered."),
)
KINDS: Mapping[str, Kind] = {kind.slug: kind for kind in _TABLE}
COMMON: Mapping[str, str] = {
    "id": "The same in every copy of this event: keep it to know what you have seen",
    "type": "One of the events above",
    "at": "When it happened (ISO 8601, UTC)",
    "mail": "The number of the mail, as in `GET /api/mails/NUMBER`",
    "message": "The number of the message, or null for a mail that an event sent",
    "offer": "The CID it was about, or “”",
    "affiliate_id": "The affiliate ID, or “”",
    "email": "The address it went to",
}
TEST = "test"  # what the button of the page sends
