"""What an author tells the conformance kit about a transport and the service that it speaks to."""

from __future__ import annotations

import logging
import secrets as random_secrets
import socket
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path
from typing import ClassVar, Self

from transports import fields
from transports.contract import Transport
from transports.events import WebhookRequest
from transports.net import Net


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail that the service took responsibility for, as far as the service can tell."""

    recipient: str
    subject: str = ""
    text: str = ""
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[tuple[str, bytes], ...] = ()
    raw: bytes | None = None

    @classmethod
    def from_bytes(cls, recipient: str, raw: bytes) -> Arrived:
        """What a service sees that is given a finished message."""
        message = message_from_bytes(raw, _class=EmailMessage, policy=modern)
        text, html = message.get_body(("plain",)), message.get_body(("html",))
        return cls(
            recipient,
            str(message["Subject"]),
            str(text.get_content()) if text else "",
            str(html.get_content()) if html else "",
            {name: str(value) for name, value in message.items()},
            tuple((str(part.get_filename()), part.get_content()) for part in message.iter_attachments()),
            raw,
        )


@dataclass(frozen=True, slots=True)
class Webhooks:
    """`genuine` must be understood, each of `forged` (wrong signature, none, too old) refused."""

    genuine: WebhookRequest
    forged: tuple[WebhookRequest, ...]


class Harness:
    """Subclass it, and start and stop the service in `__enter__` and `__exit__`.

    `cannot` names what this transport has no way of: "wrong_secret", "unreachable", "reject", "defer", "cut_line",
    "webhooks". The tests about these are then left out.
    """

    transport: ClassVar[type[Transport]]
    cannot: ClassVar[frozenset[str]] = frozenset()

    def __init__(self) -> None:
        self.secret = f"good-{random_secrets.token_hex(8)}"
        self.false_secret = f"false-{random_secrets.token_hex(8)}"
        self._folder = tempfile.TemporaryDirectory(prefix="transport-")
        self.mail_root = Path(self._folder.name)
        self.net = Net(floor=0, mail_root=self.mail_root).for_operator()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def settings(self) -> dict[str, str]:
        """Good settings as somebody types them, with `self.secret` as the secret."""
        raise NotImplementedError

    def wrong_secret(self) -> dict[str, str]:
        """The same with a secret that the service refuses."""
        return self.settings() | dict.fromkeys(fields.secrets(self.transport.fields), self.false_secret)

    def unreachable(self) -> dict[str, str]:
        """Settings that lead nowhere; `closed_port()` helps."""
        raise NotImplementedError

    def inbox(self) -> list[Arrived]:
        """Every mail that the service has accepted, in order."""
        raise NotImplementedError

    def reject(self, recipient: str) -> None:
        """From now on the service refuses this recipient for good."""
        raise NotImplementedError

    def defer(self, recipient: str) -> None:
        """From now on the service refuses this recipient for the time being."""
        raise NotImplementedError

    def cut_line(self) -> None:
        """The service will take the next mail and lose the line before it answers."""
        raise NotImplementedError

    def webhooks(self) -> Webhooks:
        """Wanted from transports that declare EVENTS."""
        raise NotImplementedError

    def build(self, typed: Mapping[str, str] | None = None, net: Net | None = None) -> Transport:
        """The transport as the host makes it of what was typed."""
        values, problems = fields.clean(self.transport.fields, self.settings() if typed is None else typed)
        assert problems == [], f"the harness's settings do not suit the declared fields: {problems}"
        return self.transport(
            values, net=net or self.net, log=logging.getLogger(f"offerpost.{self.transport.kind}")
        )

    def finish(self) -> None:
        """Called by the kit after each test."""
        self.net.close()
        self._folder.cleanup()


def closed_port() -> int:
    """A port of this machine on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def arrivals(mails: Iterable[Arrived]) -> list[str]:
    """Whom the mails went to, sorted."""
    return sorted(mail.recipient for mail in mails)
