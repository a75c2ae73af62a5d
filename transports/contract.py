"""The contract between Offerpost and a way of sending mail. `docs/writing-a-transport.md` is its guide."""

from __future__ import annotations

import logging
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Self

import msgspec
from msgspec.structs import force_setattr

from transports.checks import Check, DnsExpectation
from transports.errors import Unsupported
from transports.events import DeliveryEvent, WebhookRequest
from transports.fields import Field, FieldProblem
from transports.keeping import Keeper, OwnMemory
from transports.said import is_printable, printable

if TYPE_CHECKING:
    from transports.net import Net

CONTRACT = 1

Settings = Mapping[str, Any]
"""The cleaned values, a key for every declared field: `str`, `int`, `bool`, or `None` for an empty number."""


class Status(StrEnum):
    """What the next hop said about one mail. There is no "delivered": nobody can know that here."""

    ACCEPTED = "accepted"  # the next hop took responsibility
    DEFERRED = "deferred"  # refused for now
    REJECTED = "rejected"  # refused for good
    UNKNOWN = "unknown"  # the line died before the answer: it may have gone


class Stage(StrEnum):
    """How far a mail had come when its outcome was known."""

    CONNECT = "connect"
    TLS = "tls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    BODY = "body"
    DOT = "dot"
    API = "api"


class Capability(StrEnum):
    """What a transport must declare before the host may ask it of a mail."""

    RETURN_PATH = "return_path"  # an envelope sender other than the From address
    TAGS = "tags"
    METADATA = "metadata"
    EVENTS = "events"  # `events()` understands the service's webhooks
    IDEMPOTENT = "idempotent"  # the same key sent twice is one mail


@dataclass(frozen=True, slots=True)
class Limits:
    """What one account or server bears; `None` means that no limit is known."""

    batch: int = 1
    message_bytes: int | None = None
    per_second: float | None = None
    connections: int = 1
    window: int = 1  # mails that may be in flight on one connection


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    mime_type: str
    content: bytes
    content_id: str = ""


class OutgoingMail(ABC):
    """One finished mail to one recipient, as the host hands it over. A transport only reads it."""

    key: str
    """The host's own name for this mail: the same on every try."""
    sender: str
    """The envelope sender, a bare address."""
    recipient: str
    """The envelope recipient: exactly one bare address."""
    headers: Sequence[tuple[str, str]]
    """Every header but those that describe the body, in order, decoded: From, To, Subject, Message-ID, …"""
    subject: str
    html: str
    text: str
    attachments: Sequence[Attachment]
    tags: Sequence[str]
    metadata: Mapping[str, str]
    wire_ready: bool = False
    """Whether its maker vouches that `to_bytes()` has CRLF line ends only and that no line begins with a dot."""

    @abstractmethod
    def to_bytes(self) -> bytes:
        """The finished RFC 5322 message with CRLF line ends, neither dot-stuffed nor dot-terminated."""

    @abstractmethod
    def leaving(self) -> bool:
        """Call once, right before the first body byte or HTTP request. False: this mail must not go."""

    def header(self, name: str) -> str:
        """The first header of that name, decoded, or an empty text."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")


class Delivery(msgspec.Struct, frozen=True):
    """The outcome of one mail.

    `code` is the service's own: "550 5.1.1", "250", an HTTP status. `detail` are its words: they are cut and
    made printable here. `peer` is who answered, `tls` the protocol version. `retry_after` is in seconds.
    """

    key: str
    status: Status
    stage: Stage
    provider_id: str = ""
    code: str = ""
    detail: str = ""
    peer: str = ""
    tls: str = ""
    retry_after: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.status, Status) or not isinstance(self.stage, Stage):
            raise TypeError("a Delivery needs a Status and a Stage")
        if is_printable(self.provider_id, self.code, self.detail, self.peer):
            return  # as nearly all are: one look at all four
        for name in ("provider_id", "code", "detail", "peer"):
            said = getattr(self, name)
            shown = printable(said)
            if shown is not said:
                force_setattr(self, name, shown)

    @property
    def reply(self) -> str:
        """The three digits of `code`, or an empty text."""
        found = re.match(r"\d{3}\b", self.code)
        return found.group() if found else ""

    @property
    def enhanced(self) -> str:
        """The enhanced status of `code` (RFC 3463), such as "5.1.1", or an empty text."""
        found = re.search(r"\b[245]\.\d{1,3}\.\d{1,3}\b", self.code)
        return found.group() if found else ""


class Transport(ABC):
    """One way for a finished mail to leave.

    A simple one overrides `send_one` and `probe`; one that keeps connections overrides `open`, `close` and
    `send`. Nothing here may touch the host's database, web framework or forms.
    """

    contract: ClassVar[int] = CONTRACT
    kind: ClassVar[str]
    """A slug that is unique among all transports; it is stored with the settings."""
    label: ClassVar[str]
    summary: ClassVar[str]
    fields: ClassVar[tuple[Field, ...]] = ()
    capabilities: ClassVar[frozenset[Capability]] = frozenset()
    limits: ClassVar[Limits] = Limits()

    def __init__(self, settings: Settings, *, net: Net, log: logging.Logger) -> None:
        """Keep what is given. No network here."""
        self.settings = settings
        self.net = net
        self.log = log
        self.connections = 1
        self.keeper: Keeper = OwnMemory()  # the host sets its own after making the transport

    def __repr__(self) -> str:
        return f"<transport {self.kind}>"

    @classmethod
    def unavailable(cls) -> str | None:
        """Why this transport cannot be used on this machine ("Install offerpost[ses]."), or None."""
        return None

    @classmethod
    def check(cls, settings: Settings) -> list[FieldProblem]:
        """Rules across fields, offline; never raises."""
        return []

    @classmethod
    def dns(cls, settings: Settings, domain: str) -> list[DnsExpectation]:
        """The DNS records that `domain` needs when it sends this way; offline."""
        return []

    def open(self, connections: int = 1) -> None:
        """Make ready for up to `connections` at once; called again with fewer when the host slows down."""
        self.connections = max(1, min(connections, self.limits.connections))

    def close(self) -> None:  # noqa: B027 - most have nothing to close
        """Let go of every connection. Harmless when nothing is open; `open` may follow."""

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, mails: Iterable[OutgoingMail | None]) -> Iterator[Delivery]:
        """Send what `mails` gives, and yield each outcome as soon as it is known, in any order.

        Exactly one `Delivery` for each mail that was refused before its body or whose `leaving()` was True.
        A None among the mails says that nothing may leave just now: go on reading replies, then ask again.
        `mails` is read in the caller's thread. A `TransportError` is raised only when nothing can be sent.
        """
        from transports.sending import send_each

        return send_each(self, mails)

    def send_one(self, mail: OutgoingMail) -> Delivery | None:
        """Send one mail; None only if `mail.leaving()` was False. Called from `connections` threads at once.

        Raise a `TransportError` only if this mail surely did not go; if it may have gone, return UNKNOWN.
        """
        raise NotImplementedError(f"{type(self).__name__} overrides neither send() nor send_one()")

    @abstractmethod
    def probe(self, sender: str) -> list[Check]:
        """Resolve, connect, encrypt, log in, ask whether `sender` may send. Sends nothing; never raises."""

    def events(self, request: WebhookRequest) -> list[DeliveryEvent]:
        """Verify the webhook, raise `ForgedRequest` if that fails, then translate it."""
        raise Unsupported(f"{self.label} reports no events.", hint="Turn the webhook off at the service.")

    def refuse_unsupported(self, mail: OutgoingMail) -> None:
        """Raise `Unsupported` if the mail asks for an undeclared capability. An own `send` calls it first."""
        if (mail.tags or mail.metadata) or Capability.RETURN_PATH not in self.capabilities:
            missing = asked_of(mail) - self.capabilities
            if missing:
                names = ", ".join(sorted(missing))
                hint = "Choose another mail server for this."
                raise Unsupported(f"{self.label} cannot do this: {names}.", hint=hint)


def asked_of(mail: OutgoingMail) -> set[Capability]:
    """The capabilities that this mail needs."""
    asked = set()
    if mail.tags:
        asked.add(Capability.TAGS)
    if mail.metadata:
        asked.add(Capability.METADATA)
    if mail.sender.lower() != parseaddr(mail.header("From"))[1].lower():
        asked.add(Capability.RETURN_PATH)
    return asked
