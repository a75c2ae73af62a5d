"""A real SMTP server on loopback with STARTTLS and AUTH that keeps every mail it takes."""

import socket
import ssl
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

USER, PASSWORD = "post@northlight.example", "correct horse battery staple"


@dataclass
class Taken:
    """One mail as the server got it."""

    sender: str
    recipient: str
    content: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=policy.default)  # type: ignore[return-value]


@dataclass
class MailServer:
    """Start it with `with`; `mails` grows with each accepted mail. `refuse` maps addresses to the answer they get."""

    mails: list[Taken] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    auth_attempts: int = 0

    def __post_init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:  # the library can't tell which port 0 became
            self.port = int(free.getsockname()[1])
        self.authority = trustme.CA()
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.authority.issue_cert("localhost").configure_cert(self._context)

    def __enter__(self) -> "MailServer":
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            tls_context=self._context,
            require_starttls=True,
            auth_required=True,
            authenticator=self._authenticate,
        )
        self._controller.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._controller.stop()

    async def handle_RCPT(
        self, _server: SMTP, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:
        assert len(envelope.rcpt_tos) == 1, "one recipient a transaction"
        self.mails.append(Taken(envelope.mail_from, envelope.rcpt_tos[0], envelope.original_content))
        return f"250 2.0.0 Ok: queued as {len(self.mails):08X}"

    def _authenticate(
        self, _server: SMTP, _session: Any, _envelope: Any, _mechanism: str, data: Any
    ) -> AuthResult:
        self.auth_attempts += 1
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (
            USER.encode(),
            PASSWORD.encode(),
        )
        return AuthResult(success=good, handled=False)
