"""A real SMTP server on loopback that keeps what it accepts and misbehaves when it is told to."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from transports.testing.listener import Cut, Drip, Flood, Hang, Listener

Place = Literal[
    "BANNER",
    "EHLO",
    "HELO",
    "STARTTLS",
    "AUTH",
    "MAIL",
    "RCPT",
    "DATA",
    "BODY",
    "BDAT",
    "DOT",
    "RSET",
    "NOOP",
    "QUIT",
]
Action = str | bytes | Cut | Hang | Drip | Flood

EXTENSIONS = ("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "SMTPUTF8", "SIZE 10485760")


@dataclass(frozen=True, slots=True)
class Received:
    """A mail for which this server took responsibility. `data` has CRLF line ends and no dot-stuffing."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes
    encrypted: bool
    user: str


@dataclass(slots=True)
class _Rule:
    place: str
    action: Action
    containing: bytes
    times: int | None
    after: int


class SmtpServer(Listener):
    """`with SmtpServer() as server:` listens on `server.port` until the block ends.

    `inbox` holds accepted mails, `commands` every command line that came (also the lines of AUTH), `credentials`
    the user and password pairs that somebody tried, `connections` counts them. `tls` offers STARTTLS, or with
    `implicit` speaks TLS from the start. With `users` a client must log in before MAIL. `extensions` are the
    EHLO lines; add "CHUNKING" for BDAT.
    """

    def __init__(
        self,
        *,
        users: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        extensions: Sequence[str] = EXTENSIONS,
        auth: str = "PLAIN LOGIN",
        auth_in_clear: bool = False,
    ) -> None:
        super().__init__()
        self.users = dict(users or {})
        self.tls = tls
        self.implicit = implicit
        self.extensions = list(extensions)
        self.auth = auth
        self.auth_in_clear = auth_in_clear
        self.inbox: list[Received] = []
        self.commands: list[bytes] = []
        self.credentials: list[tuple[str, str]] = []
        self._rules: list[_Rule] = []
        self._lock = threading.Lock()

    def on(
        self, place: Place, action: Action, *, containing: str = "", times: int | None = None, after: int = 0
    ) -> None:
        """Answer with `action` at this place instead of going on, `times` times, after `after` good answers.

        A text is a reply, bytes are sent as they are. `containing` limits it to commands with that text; for BODY,
        DATA, BDAT and DOT it is looked up in the recipients. BODY acts when the body begins to come, DOT instead
        of the answer to the whole mail, which is in the inbox by then unless the action is a refusal.
        """
        with self._lock:
            self._rules.append(_Rule(place, action, containing.lower().encode(), times, after))

    def reject(self, recipient: str, reply: str = "550 5.1.1 No such user here") -> None:
        """Refuse this recipient for good."""
        self.on("RCPT", reply, containing=f"<{recipient}>")

    def defer(self, recipient: str, reply: str = "451 4.2.1 Mailbox busy, come back later") -> None:
        """Refuse this recipient for now."""
        self.on("RCPT", reply, containing=f"<{recipient}>")

    def cut(
        self, place: Place = "DOT", *, times: int | None = 1, after: int = 0, reset: bool = False
    ) -> None:
        """Lose the line at this place."""
        self.on(place, Cut(reset), times=times, after=after)

    def forget(self) -> None:
        """Behave well again."""
        with self._lock:
            self._rules.clear()

    def rule(self, place: str, about: bytes) -> Action | None:
        """What to do at this place instead of the good answer; counts down."""
        with self._lock:
            for rule in self._rules:
                if rule.place != place or rule.containing not in about.lower() or rule.times == 0:
                    continue
                if rule.after > 0:
                    rule.after -= 1
                    continue
                rule.times = None if rule.times is None else rule.times - 1
                return rule.action
        return None

    def talk(self, line: socket.socket) -> None:
        from transports.testing.smtp_conversation import Conversation

        Conversation(self, line).run()


def certificate(*names: str) -> tuple[ssl.SSLContext, str]:
    """A server's TLS context for these names (else 127.0.0.1 and localhost) and its authority as PEM. Needs trustme."""
    import trustme

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*(names or ("127.0.0.1", "localhost"))).configure_cert(context)
    return context, authority.cert_pem.bytes().decode()
