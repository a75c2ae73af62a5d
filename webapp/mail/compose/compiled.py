"""A compiled message: literals already encoded for the wire, and slots. Filling one is all that a recipient costs."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from webapp.mail.compose.addresses import wire_address
from webapp.mail.compose.escaping import clean
from webapp.mail.compose.headers import date_field, mailbox, unstructured
from webapp.mail.compose.identity import Identity
from webapp.mail.compose.quoted_printable import Writer, encode_value

_MESSAGE_ID = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,120}@[A-Za-z0-9.-]{1,120}")
_UNSUBSCRIBE_URL = re.compile(r"https?://[A-Za-z0-9!#$%&'()*+,./:;=?@\[\]_~-]{1,500}")
_POST = b"List-Unsubscribe=One-Click"


class Part(StrEnum):
    """Which of the two bodies."""

    HTML = "html"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Rendering:
    """How one token is written in one kind of place."""

    key: str
    name: str
    default: str
    write: Callable[[str], str]
    multiline: bool

    def of(self, values: Mapping[str, str]) -> str:
        """The text to put there, escaped for the place; the default when there is no value."""
        value = clean(values.get(self.key) or "", multiline=self.multiline)
        return self.write(value or clean(self.default, multiline=self.multiline))


@dataclass(frozen=True, slots=True)
class Template:
    """Literal, slot, literal, …: one more literal than slots."""

    literals: tuple[str, ...]
    slots: tuple[Rendering, ...]

    def fill(self, values: Mapping[str, str]) -> str:
        """The text for one recipient."""
        parts = [self.literals[0]]
        for slot, literal in zip(self.slots, self.literals[1:], strict=True):
            parts += (slot.of(values), literal)
        return "".join(parts)


@dataclass(frozen=True, slots=True)
class Preview:
    """What one recipient would see."""

    subject: str
    html: str
    text: str
    headers: tuple[tuple[str, str], ...]


class InjectionSuspected(RuntimeError):
    """The finished header is not the list of fields that was planned. The mail must not leave."""


class CompiledMessage:
    """Made by `compile_message`; safe to share between threads. `needs_smtputf8` is about its own addresses only."""

    def __init__(
        self, *, identity: Identity, subject: Template, html: Template, text: Template, boundary: str
    ) -> None:
        self._identity = identity
        self._subject = subject
        self._html = html
        self._text = text
        self._boundary = boundary
        self.needs_smtputf8 = identity.needs_smtputf8
        used = {slot.key: slot.name for slot in (*subject.slots, *html.slots, *text.slots)}
        self.tokens: tuple[str, ...] = tuple(used.values())
        draft = identity.draft
        self._always = {
            "network.name": draft.network_name,
            "network.address": draft.postal_address,
            "sender.name": draft.from_name,
            "sender.email": draft.from_address,
        }
        self._renderings = list(dict.fromkeys((*html.slots, *text.slots)))
        self._body, self._order = self._encoded_body()
        self._head = self._encoded_head()

    def missing(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """Names of tokens that would stay empty for this recipient: no value and, somewhere, no default."""
        known = self._known(values, "unsubscribe", datetime.now(UTC))
        slots = (*self._subject.slots, *self._html.slots, *self._text.slots)
        empty = {
            slot.name: None for slot in slots if not slot.default and not (known.get(slot.key) or "").strip()
        }
        return tuple(empty)

    def preview(self, values: Mapping[str, str]) -> Preview:
        """The mail as this recipient would see it, with placeholders for what only sending knows."""
        draft = self._identity.draft
        url = values.get("unsubscribe.link") or f"{draft.public_url.rstrip('/')}/u/preview"
        now = datetime.now(UTC)
        known = self._known(values, url, now)
        recipient = values.get("affiliate.email") or "affiliate@example.com"
        head = self._head_values(recipient, known, f"preview@{self._identity.domain}", url, now)
        return Preview(
            subject=" ".join(self._subject.fill(known).split()),
            html=self._html.fill(known),
            text=self._text.fill(known),
            headers=_decoded(self._head, head),
        )

    def fill(
        self,
        recipient: str,
        values: Mapping[str, str],
        *,
        message_id: str,
        unsubscribe_url: str | None,
        date: datetime,
    ) -> bytes:
        """The finished message for one recipient: RFC 5322 bytes with CRLF, no line beginning with a dot.

        `message_id` may come without brackets and without `@domain`. Raises BadAddress (a ValueError) for a recipient that
        cannot be written into a header, and ValueError for an announcement without a usable unsubscribe link.
        """
        known = self._known(values, unsubscribe_url, date)
        head = self._filled_head(self._head_values(recipient, known, message_id, unsubscribe_url, date))
        encoded = [encode_value(rendering.of(known)) for rendering in self._renderings]
        return head + self._body % tuple([encoded[index] for index in self._order])

    def _known(
        self, values: Mapping[str, str], unsubscribe_url: str | None, date: datetime
    ) -> dict[str, str]:
        known = self._always | {key: value for key, value in values.items() if value}
        if unsubscribe_url:
            known["unsubscribe.link"] = unsubscribe_url
        if "today" not in known:
            known["today"] = f"{date.day} {date:%B %Y}"
        return known

    def _encoded_body(self) -> tuple[bytes, tuple[int, ...]]:
        index = {rendering: number for number, rendering in enumerate(self._renderings)}
        boundary = self._boundary.encode("ascii")
        written = b""
        order: list[int] = []
        for subtype, template in ((b"plain", self._text), (b"html", self._html)):
            literals, slots = _encoded(template, index)
            written += b"--" + boundary + b"\r\nContent-Type: text/" + subtype + b"; charset=utf-8\r\n"
            written += b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
            written += b"%b".join(literal.replace(b"%", b"%%") for literal in literals) + b"\r\n"
            order += slots
        return written + b"--" + boundary + b"--\r\n", tuple(order)

    def _encoded_head(self) -> tuple[tuple[bytes, bytes | None], ...]:
        """The header's fields in order; None where each recipient has his own."""
        own, draft = self._identity, self._identity.draft
        mixed = f'multipart/alternative;\r\n boundary="{self._boundary}"'.encode("ascii")
        fields: list[tuple[bytes, bytes | None]] = [
            (b"Date", None),
            (b"Message-ID", None),
            (b"From", own.from_field),
        ]
        optional = ((b"Sender", own.sender), (b"Reply-To", own.reply_to))
        fields += [(name, body) for name, body in optional if body]
        fields += [(b"To", None), (b"Subject", None)]
        if draft.announces:
            fields += [
                (b"List-Id", own.list_id),
                (b"List-Unsubscribe", None),
                (b"List-Unsubscribe-Post", _POST),
            ]
        else:
            fields.append((b"Auto-Submitted", b"auto-generated"))
        if draft.feedback_id:
            fields.append((b"Feedback-ID", draft.feedback_id.encode("ascii")))
        return (*fields, (b"MIME-Version", b"1.0"), (b"Content-Type", mixed))

    def _head_values(
        self,
        recipient: str,
        known: Mapping[str, str],
        message_id: str,
        unsubscribe_url: str | None,
        date: datetime,
    ) -> list[bytes]:
        name = f"{known.get('affiliate.firstname', '')} {known.get('affiliate.lastname', '')}"
        values = [
            date_field(date),
            self._message_id(message_id),
            mailbox("To", name, wire_address(recipient)),
            unstructured("Subject", self._subject.fill(known)),
        ]
        if self._identity.draft.announces:
            if not unsubscribe_url or not _UNSUBSCRIBE_URL.fullmatch(unsubscribe_url):
                raise ValueError("an announcement needs an unsubscribe link of ASCII characters")
            values.append(f"<{unsubscribe_url}>".encode("ascii"))
        return values

    def _message_id(self, message_id: str) -> bytes:
        bare = message_id.removeprefix("<").removesuffix(">")
        whole = bare if "@" in bare else f"{bare}@{self._identity.domain}"
        if not _MESSAGE_ID.fullmatch(whole):
            raise ValueError("the Message-ID has characters that are not allowed")
        return f"<{whole}>".encode("ascii")

    def _filled_head(self, values: list[bytes]) -> bytes:
        own = iter(values)
        lines = [name + b": " + (next(own) if body is None else body) + b"\r\n" for name, body in self._head]
        head = b"".join(lines)
        ends = head.count(b"\r\n")
        # Each planned name begins a line. If no other line does, and no CR or LF stands alone, there is no other field.
        if (
            ends - head.count(b"\r\n ") != len(lines)
            or head.count(b"\n") != ends
            or head.count(b"\r") != ends
        ):
            raise InjectionSuspected("the header has other fields than those that were planned")
        return head + b"\r\n"


def _encoded(template: Template, index: Mapping[Rendering, int]) -> tuple[list[bytes], list[int]]:
    writer = Writer()
    writer.text(template.literals[0])
    for slot, literal in zip(template.slots, template.literals[1:], strict=True):
        writer.slot(index[slot])
        writer.text(literal)
    return writer.finish(), writer.slots


def _decoded(
    fields: tuple[tuple[bytes, bytes | None], ...], values: list[bytes]
) -> tuple[tuple[str, str], ...]:
    own = iter(values)
    bodies = [next(own) if body is None else body for _, body in fields]
    return tuple(
        (name.decode("ascii"), body.decode("utf-8").replace("\r\n", ""))
        for (name, _), body in zip(fields, bodies, strict=True)
    )
