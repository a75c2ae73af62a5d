"""The header as one format of bytes, and the guard that no value has added a field to it."""

import re
from collections.abc import Mapping
from datetime import datetime

from webapp.mail.compose.addresses import wire_address
from webapp.mail.compose.headers import date_field, mailbox, unstructured
from webapp.mail.compose.identity import Identity
from webapp.mail.compose.template import Template

_MESSAGE_ID = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,120}@[A-Za-z0-9.-]{1,250}")
_UNSUBSCRIBE_URL = re.compile(r"https?://[A-Za-z0-9!#$%&'()*+,./:;=?@\[\]_~-]{1,500}")


_KEPT = 512  # subjects that are remembered
RECIPIENT = "recipient.name"
"""No token: the name in To where the mail is about an affiliate and goes to somebody else."""


class InjectionSuspected(RuntimeError):
    """The finished header is not the list of fields that was planned. The mail must not leave."""


class Head:
    """The header of a compiled message."""

    def __init__(self, identity: Identity, subject: Template, boundary: str) -> None:
        self._identity = identity
        self._subject = subject
        self._subject_keys = tuple(dict.fromkeys(subject.depends_on()))
        fields = _fields(identity, boundary)
        self._lines = len(fields)
        self.names = tuple(name.decode("ascii") for name, _ in fields)
        self._format = b"".join(name + b": " + body + b"\r\n" for name, body in fields)
        self._subjects: dict[tuple[str, ...], bytes] = {}

    def fill(
        self,
        recipient: str,
        known: Mapping[str, str],
        *,
        message_id: str,
        unsubscribe_url: str | None,
        date: datetime,
    ) -> bytes:
        """The header for one recipient, without the empty line behind it."""
        name = known.get(RECIPIENT)
        if name is None:
            name = f"{known.get('affiliate.firstname', '')} {known.get('affiliate.lastname', '')}"
        values = [
            date_field(date),
            self._message_id(message_id),
            mailbox("To", name, wire_address(recipient)),
            self._subject_field(known),
        ]
        if self._identity.draft.announces:
            values.append(_one_click(unsubscribe_url))
        head = self._format % tuple(values)
        own = b"".join(values)
        if b"\n" in own or b"\r" in own:
            self._check(head)
        return head

    def _subject_field(self, known: Mapping[str, str]) -> bytes:
        """First names come again and again, and with them the subjects."""
        chosen = tuple([known.get(key, "") for key in self._subject_keys])
        field = self._subjects.get(chosen)
        if field is None:
            field = unstructured("Subject", self._subject.fill(known))
            if len(self._subjects) >= _KEPT:
                self._subjects.clear()
            self._subjects[chosen] = field
        return field

    def _check(self, head: bytes) -> None:
        ends = head.count(b"\r\n")
        # Each planned name begins a line. If no other line does, and no CR or LF stands alone, there is no other field.
        if (
            ends - head.count(b"\r\n ") != self._lines
            or head.count(b"\n") != ends
            or head.count(b"\r") != ends
        ):
            raise InjectionSuspected("the header has other fields than those that were planned")

    def _message_id(self, message_id: str) -> bytes:
        bare = message_id.removeprefix("<").removesuffix(">")
        whole = bare if "@" in bare else f"{bare}@{self._identity.domain}"
        if not _MESSAGE_ID.fullmatch(whole):
            raise ValueError("the Message-ID has characters that are not allowed")
        return f"<{whole}>".encode("ascii")


def is_unsubscribe_url(url: str) -> bool:
    """Whether the link can stand literally in a header."""
    return _UNSUBSCRIBE_URL.fullmatch(url) is not None


def _one_click(url: str | None) -> bytes:
    if not url or not is_unsubscribe_url(url):
        raise ValueError("an announcement needs an unsubscribe link of ASCII characters")
    return f"<{url}>".encode("ascii")


_OWN = b"%b"


def _fields(identity: Identity, boundary: str) -> list[tuple[bytes, bytes]]:
    """The fields in order; %b where each recipient has his own body."""
    draft = identity.draft
    fields = [(b"Date", _OWN), (b"Message-ID", _OWN), (b"From", _fixed(identity.from_field))]
    optional = ((b"Sender", identity.sender), (b"Reply-To", identity.reply_to))
    fields += [(name, _fixed(body)) for name, body in optional if body]
    fields += [(b"To", _OWN), (b"Subject", _OWN)]
    if draft.announces:
        fields += [(b"List-Id", _fixed(identity.list_id)), (b"List-Unsubscribe", _OWN)]
        fields.append((b"List-Unsubscribe-Post", b"List-Unsubscribe=One-Click"))
    else:
        fields.append((b"Auto-Submitted", b"auto-generated"))
    if draft.feedback_id:
        fields.append((b"Feedback-ID", draft.feedback_id.encode("ascii")))
    mixed = f'multipart/alternative;\r\n boundary="{boundary}"'.encode("ascii")
    return [*fields, (b"MIME-Version", b"1.0"), (b"Content-Type", mixed)]


def _fixed(body: bytes) -> bytes:
    return body.replace(b"%", b"%%")
