"""Where in a mail's HTML a token stands, which decides how its value is escaped and whether it may stand there at all."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from secrets import token_hex

from webapp.mail.tokens.catalogue import Kind
from webapp.mail.tokens.markup import Attribute, Comment, Piece, Raw, Tag, Unfinished, Words
from webapp.mail.tokens.spelling import as_text

_LINKING = (
    "href src background action formaction cite poster longdesc "
    "srcset data lowsrc dynsrc usemap ping xlink:href"
)
URL_ATTRIBUTES = frozenset(_LINKING.split())
_HOST = re.compile(r"(?:https?:)?//[^/?#\\]+[/?#]", re.IGNORECASE)
_CONTACT = re.compile(r"(?:mailto|tel|sms|skype|callto|xmpp|whatsapp):", re.IGNORECASE)
_RELATIVE = re.compile(r"[^:/?#\\]*(?:[?#]|/(?![/\\]))")
_IGNORED_IN_URLS = re.compile(r"[\t\n\r]")


class Place(StrEnum):
    """How a value must be written: the four that are allowed in HTML, then a mail's other places, then the refused ones."""

    TEXT = "text"
    ATTRIBUTE = "attribute"
    WHOLE_URL = "whole url"
    URL_PART = "url part"
    CONTACT = "contact"
    PLAIN = "plain text"
    HEADER = "header"
    STYLE = "style"
    SCRIPT = "script"
    TAG = "tag"
    HANDLER = "handler"
    HOST = "host"
    JOINED = "joined"


REFUSED: dict[Place, tuple[str, str]] = {
    Place.STYLE: ("cannot stand in a style.", "Move it into the text."),
    Place.SCRIPT: (
        "cannot stand in a script or another element that mail programs remove.",
        "Move it into the text.",
    ),
    Place.TAG: (
        "cannot stand in the name of a tag or attribute.",
        "Move it into the text or between quotes.",
    ),
    Place.HANDLER: ("cannot stand in an event handler.", "Remove the handler; mail programs do."),
    Place.HOST: (
        "cannot stand in the first part of a link (https://host).",
        "Write the address out and put the token behind it, for example https://example.com/?id=[=Affiliate.ID=].",
    ),
    Place.JOINED: (
        "is a whole link and must be followed by “/”, “?”, “#”, “&” or the end of the link.",
        "Put one of them behind it.",
    ),
}


@dataclass(frozen=True, slots=True)
class Found:
    """A marker that stands for a token: its number, where it stands, and the bare attribute value to put in quotes."""

    number: int
    place: Place
    bare: tuple[int, int] | None = None


class Markers:
    """Words that stand for tokens while HTML is taken apart: letters and digits only, and nobody can guess them.

    A part of a block is a word of another kind, or a comment with that word where comments may stand.
    """

    def __init__(self) -> None:
        self._prefix = prefix = f"zq{token_hex(8)}"
        self._pattern = re.compile(rf"{prefix}n(\d+)z|<!--{prefix}m(\d+)z-->|{prefix}m(\d+)z")
        self._mark = re.compile(rf"{prefix}m(\d+)z")
        self._loose = re.compile(rf"<!--\s*({prefix}m\d+z)\s*-->")
        self.comments = re.compile(rf"<!--{prefix}m(\d+)z-->")

    def write(self, number: int) -> str:
        """The word for the token of that number."""
        return f"{self._prefix}n{number}z"

    def mark(self, number: int) -> str:
        """The word for the part of a block of that number."""
        return f"{self._prefix}m{number}z"

    def comment(self, number: int) -> str:
        """The same as a comment."""
        return f"<!--{self.mark(number)}-->"

    def bare_comments(self, text: str) -> str:
        """With nothing but the word in comments that hold only a part of a block, as some people write them."""
        return self._loose.sub(r"<!--\1-->", text)

    def numbers(self, text: str) -> list[int]:
        """The tokens and parts of blocks that occur in `text`, in order."""
        if self._prefix not in text:
            return []
        return [int("".join(found)) for found in self._pattern.findall(text)]

    def marks(self, text: str) -> list[int]:
        """The parts of blocks that occur in `text`, in order."""
        return [int(found) for found in self._mark.findall(text)] if self._prefix in text else []

    def split(self, text: str) -> list[str | int]:
        """`text` as literal, number, literal, number, …, literal."""
        parts: list[str | int] = []
        done = 0
        for found in self._pattern.finditer(text):
            parts += (text[done : found.start()], int(found[found.lastindex or 1]))
            done = found.end()
        return [*parts, text[done:]]

    def named(self, text: str, names: Sequence[str]) -> str:
        """`text` with each marker replaced by the name of that number."""
        return self._pattern.sub(lambda found: names[int(found[found.lastindex or 1])], text)


def locate(source: str, pieces: list[Piece], markers: Markers, kinds: dict[int, Kind]) -> list[Found]:
    """Every marker of `source` with its place, in order. `pieces` is what `markup.scan(source)` gave."""
    found: list[Found] = []
    for piece in pieces:
        text = source[piece.start : piece.end]
        if not markers.numbers(text):
            continue
        if isinstance(piece, Tag):
            found += _in_tag(source, piece, markers, kinds)
        else:
            found += [Found(number, _outside_tags(piece)) for number in markers.numbers(text)]
    return found


def _outside_tags(piece: Words | Raw | Comment | Unfinished) -> Place:
    if isinstance(piece, Unfinished):
        return Place.TAG
    if isinstance(piece, Raw):
        return {"style": Place.STYLE, "title": Place.TEXT}.get(piece.name, Place.SCRIPT)
    return Place.TEXT


def _in_tag(source: str, tag: Tag, markers: Markers, kinds: dict[int, Kind]) -> list[Found]:
    found: list[Found] = []
    position = tag.start
    for attribute in tag.attributes:
        found += [Found(number, Place.TAG) for number in markers.numbers(source[position : attribute.start])]
        value = source[attribute.start : attribute.end]
        bare = (attribute.start, attribute.end) if value and not attribute.quote else None
        found += [Found(number, place, bare) for number, place in _in_value(value, attribute, markers, kinds)]
        position = attribute.end
    found += [Found(number, Place.TAG) for number in markers.numbers(source[position : tag.end])]
    return found


def _in_value(
    value: str, attribute: Attribute, markers: Markers, kinds: dict[int, Kind]
) -> list[tuple[int, Place]]:
    numbers = markers.numbers(value)
    if not numbers:
        return []
    if attribute.name.startswith("on"):
        return [(number, Place.HANDLER) for number in numbers]
    if attribute.name == "style":
        return [(number, Place.STYLE) for number in numbers]
    if attribute.name in URL_ATTRIBUTES:
        return _in_url(markers.split(value), kinds)
    return [(number, Place.ATTRIBUTE) for number in numbers]


def _in_url(parts: list[str | int], kinds: dict[int, Kind]) -> list[tuple[int, Place]]:
    prefix = as_text(str(parts[0])).strip()
    first = int(parts[1])
    rest = [int(number) for number in parts[3::2]]
    if prefix:
        place = _after(prefix)
        return [(number, place) for number in (first, *rest)]
    if kinds.get(first) is not Kind.URL:
        return [(first, Place.HOST), *((number, Place.URL_PART) for number in rest)]
    behind = as_text(str(parts[2])).strip()
    joined = (behind or rest) and not behind.startswith(("/", "?", "#", "&"))
    return [
        (first, Place.JOINED if joined else Place.WHOLE_URL),
        *((number, Place.URL_PART) for number in rest),
    ]


def _after(prefix: str) -> Place:
    prefix = _IGNORED_IN_URLS.sub("", prefix)  # browsers do the same: "/\\t/" leads to another host
    if _HOST.match(prefix) or _RELATIVE.match(prefix):
        return Place.URL_PART
    return Place.CONTACT if _CONTACT.match(prefix) else Place.HOST
