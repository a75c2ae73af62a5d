"""Splits HTML into tags, text and comments the way browsers do, in one pass, keeping positions.

It decides where a token stands, so it must never hang or guess: each search starts where the last one ended, and what is
cut off in the middle of a tag is reported as `Unfinished` instead of being repaired.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BLANKS = re.compile(r"[ \t\n\f\r/]*")
_TAG_NAME = re.compile(r"[^ \t\n\f\r/>]+")
_ATTRIBUTE = re.compile(r"[^ \t\n\f\r/>][^ \t\n\f\r/>=]*")
_EQUALS = re.compile(r"[ \t\n\f\r]*=[ \t\n\f\r]*")
_BARE_VALUE = re.compile(r"[^ \t\n\f\r>]*")
_COMMENT_END = re.compile(r"--!?>")
_CONDITION = re.compile(r"<!--\[if[^>]{0,200}\]>", re.IGNORECASE)
_RAW = ("style", "script", "title", "textarea", "xmp", "iframe", "noembed", "noframes")
_RAW_END = {name: re.compile(rf"</{name}(?=[ \t\n\f\r/>])", re.IGNORECASE) for name in _RAW}

_VOID_NAMES = "area base br col embed hr img input link meta param source track wbr"
VOID = frozenset(_VOID_NAMES.split())


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute; `start` and `end` enclose its value without quotes. `quote` is "" for a bare value."""

    name: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Tag:
    """A start or end tag. `conditional`: inside a comment that only Outlook reads."""

    start: int
    end: int
    name: str
    attributes: tuple[Attribute, ...]
    closing: bool
    conditional: bool


@dataclass(frozen=True, slots=True)
class Words:
    """Text between tags, not yet decoded."""

    start: int
    end: int
    conditional: bool


@dataclass(frozen=True, slots=True)
class Raw:
    """What stands inside `style`, `script`, `title` and other elements in which tags are not tags."""

    start: int
    end: int
    name: str
    conditional: bool


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment, a doctype or another declaration."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A tag that the text ends in the middle of."""

    start: int
    end: int


Piece = Tag | Words | Raw | Comment | Unfinished


def scan(source: str) -> Iterator[Piece]:
    """The pieces of `source`, in order and without gaps."""
    return _Scanner(source).pieces()


class _Scanner:
    def __init__(self, source: str) -> None:
        self.source = source
        self.condition_end = 0

    def pieces(self) -> Iterator[Piece]:
        source, end = self.source, len(self.source)
        words = position = 0
        while position < end:
            bracket = source.find("<", position)
            if bracket < 0:
                break
            piece = self._markup(bracket)
            if piece is None:
                position = bracket + 1
                continue
            if bracket > words:
                yield Words(words, bracket, self._conditional(words))
            yield piece
            words = position = piece.end
            if isinstance(piece, Tag) and not piece.closing and piece.name in _RAW_END:
                raw = self._raw(piece)
                yield raw
                words = position = raw.end
        if end > words:
            yield Words(words, end, self._conditional(words))

    def _markup(self, start: int) -> Piece | None:
        following = self.source[start + 1 : start + 2]
        if following.isascii() and following.isalpha():
            return self._tag(start, start + 1, closing=False)
        if following == "/":
            letter = self.source[start + 2 : start + 3]
            if letter.isascii() and letter.isalpha():
                return self._tag(start, start + 2, closing=True)
        if following in ("!", "?", "/") and following:
            return self._declaration(start)
        return None

    def _declaration(self, start: int) -> Comment:
        if not self.source.startswith("<!--", start):
            end = self.source.find(">", start)
            return Comment(start, len(self.source) if end < 0 else end + 1)
        for abrupt in ("<!-->", "<!--->"):
            if self.source.startswith(abrupt, start):
                return Comment(start, start + len(abrupt))
        if condition := _CONDITION.match(self.source, start):
            if self.condition_end <= start:
                self.condition_end = self._comment_end(start)
            return Comment(start, condition.end())
        return Comment(start, self._comment_end(start))

    def _comment_end(self, start: int) -> int:
        found = _COMMENT_END.search(self.source, start + 4)
        return found.end() if found else len(self.source)

    def _tag(self, start: int, name_at: int, *, closing: bool) -> Tag | Unfinished:
        named = _TAG_NAME.match(self.source, name_at)
        assert named is not None
        attributes: list[Attribute] = []
        position = named.end()
        while True:
            position = self._skip(position)
            if position >= len(self.source):
                return Unfinished(start, len(self.source))
            if self.source[position] == ">":
                break
            attribute = self._attribute(position)
            if attribute is None:
                return Unfinished(start, len(self.source))
            attributes.append(attribute)
            position = attribute.end + len(attribute.quote)
        name = named.group().lower()
        return Tag(start, position + 1, name, tuple(attributes), closing, self._conditional(start))

    def _attribute(self, position: int) -> Attribute | None:
        named = _ATTRIBUTE.match(self.source, position)
        assert named is not None
        name = named.group().lower()
        equals = _EQUALS.match(self.source, named.end())
        if equals is None:
            return Attribute(name, named.end(), named.end(), "")
        value = equals.end()
        quote = self.source[value : value + 1]
        if quote in ('"', "'") and quote:
            end = self.source.find(quote, value + 1)
            return Attribute(name, value + 1, end, quote) if end >= 0 else None
        bare = _BARE_VALUE.match(self.source, value)
        assert bare is not None
        return Attribute(name, value, bare.end(), "")

    def _raw(self, tag: Tag) -> Raw:
        closing = _RAW_END[tag.name].search(self.source, tag.end)
        end = closing.start() if closing else len(self.source)
        return Raw(tag.end, end, tag.name, tag.conditional)

    def _skip(self, position: int) -> int:
        blanks = _BLANKS.match(self.source, position)
        return blanks.end() if blanks else position

    def _conditional(self, position: int) -> bool:
        return position < self.condition_end
