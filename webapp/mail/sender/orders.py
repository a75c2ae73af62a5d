"""What the parent hands to a child: a server, contents, and mails under a lease. Plain data for the pipe."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Through:
    """The mail server through which an order leaves; never printed."""

    id: int
    name: str
    kind: str
    revision: int
    connections: int
    settings: Mapping[str, Any] = field(repr=False)

    @property
    def same_as(self) -> tuple[int, int, str]:
        """What must not change as long as connections are kept."""
        return self.id, self.revision, self.kind

    def as_plain(self) -> dict[str, Any]:
        return asdict(self) | {"settings": dict(self.settings)}


@dataclass(frozen=True, slots=True)
class Job:
    """One mail to make and send."""

    mail_id: int
    lease: int
    content_id: int
    mailing_id: int | None
    address: str
    values: Mapping[str, str]
    message_id: str
    unsubscribe_url: str | None

    def as_plain(self) -> list[Any]:
        return [
            self.mail_id,
            self.content_id,
            self.mailing_id,
            self.address,
            self.values,
            self.message_id,
            self.unsubscribe_url,
        ]

    @classmethod
    def from_plain(cls, lease: int, plain: list[Any]) -> "Job":
        mail_id, content_id, mailing_id, address, values, message_id, unsubscribe_url = plain
        return cls(mail_id, lease, content_id, mailing_id, address, values, message_id, unsubscribe_url)
