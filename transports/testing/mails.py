"""Real mails to try a transport with."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP

from transports.contract import Attachment, OutgoingMail

FROM = "desk@network.example"
_numbers = itertools.count(1)


class Mail(OutgoingMail):
    """A mail that remembers how often a transport asked whether it may leave.

    `may_leave=False` stands for a mail that was cancelled a moment ago.
    """

    def __init__(
        self,
        recipient: str = "ann@affiliate.example",
        *,
        key: str = "",
        sender: str = FROM,
        subject: str = "Your payout changed",
        text: str = "Hello Ann,\n\nyour payout changed.\n",
        html: str = "<p>Hello Ann,</p><p>your payout changed.</p>",
        headers: Sequence[tuple[str, str]] = (),
        attachments: Sequence[Attachment] = (),
        tags: Sequence[str] = (),
        metadata: dict[str, str] | None = None,
        may_leave: bool = True,
    ) -> None:
        self.key = key or f"mail-{next(_numbers)}"
        self.sender = sender
        self.recipient = recipient
        self.subject = subject
        self.text = text
        self.html = html
        self.attachments = tuple(attachments)
        self.tags = tuple(tags)
        self.metadata = dict(metadata or {})
        self.may_leave = may_leave
        self.asked = 0
        self.headers = (
            ("From", f"The Network <{FROM}>"),
            ("To", f"Ann <{recipient}>" if recipient.isascii() else recipient),
            ("Subject", subject),
            ("Date", "Mon, 02 Nov 2026 10:00:00 +0000"),
            ("Message-ID", f"<{self.key.encode().hex()}@network.example>"),
            *headers,
        )
        self._bytes = b""

    @property
    def left(self) -> bool:
        """Whether the transport was told that this mail may leave."""
        return self.asked > 0 and self.may_leave

    def leaving(self) -> bool:
        self.asked += 1
        return self.may_leave

    def to_bytes(self) -> bytes:
        if not self._bytes:
            self._bytes = self._composed()
        return self._bytes

    def _composed(self) -> bytes:
        message = EmailMessage(policy=SMTP)
        for name, value in self.headers:
            message[name] = value
        message.set_content(self.text)
        if self.html:
            message.add_alternative(self.html, subtype="html")
        for attachment in self.attachments:
            main, _, sub = attachment.mime_type.partition("/")
            message.add_attachment(attachment.content, maintype=main, subtype=sub, filename=attachment.name)
        return message.as_bytes()


def demanding() -> Mail:
    """A mail with everything that careless software breaks on its way."""
    return Mail(
        subject="Auszahlung geändert – 発表 €",
        text="Grüße\n.\n..two dots\nFrom here\n" + "x" * 2_000 + "\ntrailing space \n",
        html="<p>Größe & <b>“quotes”</b></p>\n<p>.</p>" + "<i>long</i>" * 300,
        headers=[("List-Id", "Offers <offers.network.example>"), ("X-Campaign", "autumn; id=7")],
        attachments=[Attachment("statement é.pdf", "application/pdf", bytes(range(256)) * 20)],
    )
