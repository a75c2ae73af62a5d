"""One mail as a transport sees it: finished bytes, and the question whether it may leave."""

import time
from collections.abc import Callable, Mapping, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from types import MappingProxyType

from transports.contract import Attachment, OutgoingMail


class Parcel(OutgoingMail):
    """Filled when it is handed over, so that only the mails in flight take memory."""

    attachments: Sequence[Attachment] = ()
    tags: Sequence[str] = ()
    metadata: Mapping[str, str] = MappingProxyType({})
    wire_ready = True  # `compose` makes no other messages; its tests try to make it

    def __init__(
        self,
        *,
        mail_id: int,
        lease: int,
        ends: float,
        mailing_id: int | None,
        sender: str,
        recipient: str,
        content: bytes,
        may_leave: Callable[["Parcel"], bool],
    ) -> None:
        self.mail_id, self.lease, self.ends, self.mailing_id = mail_id, lease, ends, mailing_id
        self.key = str(mail_id)
        self.sender, self.recipient = sender, recipient
        self._content, self._may_leave = content, may_leave
        self.taken_at = time.monotonic()
        self.left = False

    def to_bytes(self) -> bytes:
        return self._content

    def leaving(self) -> bool:
        self.left = self._may_leave(self)
        return self.left

    @cached_property
    def _parsed(self) -> EmailMessage:
        """Only transports that speak JSON look at the parts; the others send the bytes."""
        message = message_from_bytes(self._content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def headers(self) -> Sequence[tuple[str, str]]:  # type: ignore[override]
        describing = ("content-", "mime-version")
        return [
            (name, str(value))
            for name, value in self._parsed.items()
            if not name.lower().startswith(describing)
        ]

    @property
    def subject(self) -> str:  # type: ignore[override]
        return str(self._parsed["Subject"] or "")

    @property
    def html(self) -> str:  # type: ignore[override]
        return self._part("html")

    @property
    def text(self) -> str:  # type: ignore[override]
        return self._part("plain")

    def _part(self, kind: str) -> str:
        part = self._parsed.get_body((kind,))
        return str(part.get_content()) if part is not None else ""
