"""What the parent hands to a child: a server, contents, and mails under a lease. Plain data for the pipe."""

from collections.abc import Mapping
from typing import Any

import msgspec


class Through(msgspec.Struct, frozen=True):
    """The mail server through which an order leaves; its settings are never printed."""

    id: int
    name: str
    kind: str
    revision: int
    connections: int
    settings: Mapping[str, Any]
    express: bool = False  # a connection of its own, for operational mail

    def __repr__(self) -> str:
        return f"Through(id={self.id}, name={self.name!r}, kind={self.kind!r})"

    @property
    def lane(self) -> tuple[int, bool]:
        """Which lane of a child: each has connections of its own."""
        return self.id, self.express

    @property
    def same_as(self) -> tuple[int, int, str]:
        """What must not change as long as connections are kept."""
        return self.id, self.revision, self.kind


class Content(msgspec.Struct, frozen=True, array_like=True):
    """What is said: a draft as it was frozen, and the kind of mail whose tokens it may use."""

    id: int
    draft: dict[str, Any]
    context: str


class Job(msgspec.Struct, frozen=True, array_like=True):
    """One mail to make and send."""

    mail_id: int
    lease: int
    content_id: int
    mailing_id: int | None
    address: str
    values: Mapping[str, str]
    message_id: str
    unsubscribe_url: str | None
    sender: str | None = None  # the signed envelope sender; None: the from address
