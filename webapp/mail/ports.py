"""What the mail core needs from the features above it. `wiring` plugs the implementations in."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy.orm import Session

from webapp.mail.outbox.pace import Pace
from webapp.mail.outbox.routing import Ways


@dataclass(frozen=True)
class Server:
    """A mail server, ready to be opened: settings with their secrets in clear. Never printed, never stored."""

    id: int
    name: str
    kind: str
    settings: Mapping[str, Any] = field(repr=False)
    connections: int
    max_per_second: int | None
    max_per_minute: int | None
    max_per_hour: int | None
    max_per_day: int | None
    paused: bool
    revision: int
    pace: Pace = field(default_factory=Pace)
    bounce_domain: str = ""  # where signed envelope senders live; "": mail keeps its plain from address


class ServerDirectory(Protocol):
    """The mail servers, as `settings` keeps them."""

    def default_id(self, session: Session) -> int | None:
        """The server for mail that names none; None while there is none at all."""

    def ways(self, session: Session) -> Ways:
        """Which mail leaves through which server, and what goes on for one that can't."""

    def get(self, session: Session, server_id: int) -> Server | None:
        """The server with its secrets, or None if it was deleted."""

    def pause(self, session: Session, server_id: int, reason: str, hint: str) -> None:
        """Stop using a server until a person (or a passed connection test) resumes it."""

    def lend_secret(self, session: Session, given: str) -> str | None:
        """The newest successor of a secret that its provider replaces; None while somebody else uses it."""

    def take_secret_back(self, session: Session, given: str, used: str, renewed: str) -> None:
        """It was used; `renewed` takes its place, unless it is empty."""

    def delete_expired_drafts(self, session: Session) -> None:
        """Remove servers that existed only to test unsaved values and are past their time."""


class RecipientValues(Protocol):
    """The token values of affiliates, as `affiliates` and `offers` keep them."""

    def load(
        self, session: Session, recipient_ids: Sequence[int], about: str = "", wanted: Container[str] = ...
    ) -> dict[int, Mapping[str, str]]:
        """Values by affiliate, keyed by the canonical token name in lower case ("affiliate.firstname").

        `about` is the CID of the offer that the mail is about, or `offer_digest:` and the id of the content
        of a digest. Only the values `wanted` are needed, and those of the To field.
        """
