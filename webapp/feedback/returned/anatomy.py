"""One returned mail taken apart: what its writer says, and the mail that came back with it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

from webapp.feedback.returned import addresses, freeform
from webapp.mail.mime import FIELD, Headers, Part, decoded, fields, take_apart

BREAK = re.compile(r"(?i)<(?:br|p|/p|div|/div|tr|/tr|li|/td|h\d)\b[^<>]{0,200}>")
TAG = re.compile(r"<[^<>]*>")
HIDDEN = re.compile(r"(?is)<(style|script|head)\b[^<>]{0,500}>[^<]*</\1>")


@dataclass(frozen=True, slots=True)
class Mail:
    """`parts`: its leaves, those of the mail that came back among them."""

    headers: Headers
    parts: list[Part]
    text: str  # what its writer says
    returned: str  # what follows that in the same text: the mail that came back

    @classmethod
    def of(cls, raw: bytes) -> "Mail":
        headers, parts = take_apart(raw)
        return cls(headers, parts, *freeform.told(_text(parts)))

    @property
    def subject(self) -> str:
        return decoded(dict(self.headers).get("subject", ""))

    @property
    def sender(self) -> str:
        of = dict(self.headers)
        named = (of.get(name, "") for name in ("from", "reply-to", "return-path"))
        return next((one for value in named for one in addresses.found_in(decoded(value))), "")

    @property
    def whole(self) -> str:
        """All that was written, what is quoted below it too."""
        return _text(self.parts)

    @property
    def enclosed(self) -> list[Part]:
        loose = [Part("message/rfc822", _fields_behind(self.returned), "")] if self.returned else []
        whole = [
            part
            for part in self.parts
            if part.type == "message/rfc822" or (part.original and part.header("received"))
        ]
        return whole + loose


def _text(parts: Sequence[Part]) -> str:
    """What the writer says: the plain text outside of an enclosed mail, or the HTML made plain."""
    plain = [part.text for part in parts if not part.original and part.type in ("text/plain", "text")]
    if any(one.strip() for one in plain):
        return "\n".join(plain)
    marked = [part.text for part in parts if not part.original and part.type == "text/html"]
    other = [part.text for part in parts if not part.original and part.type.startswith("text/")]
    return "\n".join(_plain(one) for one in marked) or "\n".join(other)


def _plain(html: str) -> str:
    return unescape(TAG.sub(" ", BREAK.sub("\n", HIDDEN.sub(" ", html.replace("\n", " ")))))


def _fields_behind(text: str) -> Headers:
    """The headers of a mail in running text, behind the line that announces it."""
    lines = text.split("\n")[:60]
    start = next(
        (number for number, line in enumerate(lines) if FIELD.match(line) and not line.startswith(" ")), 0
    )
    return fields("\n".join(text.split("\n")[start:]))
