"""The links of a mail whose clicks are counted, and their way by us: `https://go.example.com/c/<mail>.<signature>/<number>`.

Left as they are: what is a token itself (TrackingURL and links that log somebody in, which people copy or use once),
links with a token of anything but the affiliate, links to our own pages, and links whose text is an address: whoever
reads one there and lands on another host first is right to be afraid. So the text part keeps all of its links, too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from webapp.mail.compose.escaping import clean, url_part
from webapp.mail.tokens.markup import Attribute, Piece, Tag, Words
from webapp.mail.tokens.parser import Text, Token, Use, parse
from webapp.mail.tokens.places import Markers
from webapp.mail.tokens.spelling import as_text

KEY = "click.link"
CLICK = Token("Click.Link", KEY, "", "[=Click.Link=]", 0, 1)
MOST_LINKS = 200
LONGEST = 2_000
_LINKING = frozenset(("a", "area", "v:roundrect"))  # the last is what Outlook makes its buttons of
_WEB = re.compile(r"https?://[^\s/?#\\@]+(?:[/?#]|$)", re.IGNORECASE)
_BRACKETS = re.compile(r"\[=.*?=\]")
_ADDRESS = re.compile(r"\s*(?:https?://|www\.|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:/|\s*$))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    """Where the address of a link stands in the document, and the address with its tokens as people write them."""

    start: int
    end: int
    url: str


def links_in(source: str, pieces: Sequence[Piece], markers: Markers, uses: Sequence[Use]) -> Iterator[Link]:
    """The links that may be counted, in the order of the document."""
    for place, piece in enumerate(pieces):
        if not isinstance(piece, Tag) or piece.closing or piece.name not in _LINKING:
            continue
        for attribute in piece.attributes:
            if attribute.name == "href":
                url = _written(source, attribute, markers, uses)
                if url and not _ADDRESS.match(_text_behind(source, pieces, place)):
                    yield Link(attribute.start, attribute.end, url)


def led_by_us(source: str, links: Sequence[Link], numbers: dict[str, int], marker: str) -> str:
    """`source` with the links of `numbers` replaced by the marker of the click link and their number."""
    for link in reversed(links):
        if (number := numbers.get(link.url)) is not None:
            source = f"{source[: link.start]}{marker}/{number}{source[link.end :]}"
    return source


def filled(url: str, values: dict[str, str]) -> str:
    """Where a counted link leads for one recipient: its tokens written as they are in any link of a mail."""
    written = []
    for node in parse(url, "text").nodes:
        if isinstance(node, Text):
            written.append(node.source)
        elif isinstance(node, Token):
            written.append(url_part(clean(values.get(node.key, "")) or clean(node.default)))
    return "".join(written)


def has_tokens(url: str) -> bool:
    return "[=" in url


def is_web_address(url: str) -> bool:
    """Whether it is the address of a page: http or https, and a host without a user's name before it."""
    return bool(_WEB.match(url)) and url.isprintable() and " " not in url


def _written(source: str, attribute: Attribute, markers: Markers, uses: Sequence[Use]) -> str:
    """The address as people write it, or "" where it is none of those that are counted."""
    parts: list[str] = []
    for part in markers.split(source[attribute.start : attribute.end]):
        if isinstance(part, str):
            parts.append(as_text(part))
            continue
        use = uses[part]
        if not isinstance(use, Token) or not use.key.startswith("affiliate."):
            return ""
        parts.append(f"[={use.name}|{use.default}=]" if use.default else f"[={use.name}=]")
    url = "".join(parts).strip()
    return url if is_web_address(_BRACKETS.sub("x", url)) and len(url) <= LONGEST else ""


def _text_behind(source: str, pieces: Sequence[Piece], place: int) -> str:
    found = []
    for piece in pieces[place + 1 :]:
        if isinstance(piece, Tag) and piece.name in _LINKING:
            break
        if isinstance(piece, Words):
            found.append(as_text(source[piece.start : piece.end]))
    return "".join(found)


def host_of(url: str) -> str:
    """The host of an address in small letters, "" where there is none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
