"""A finished mail as its receivers read it: fields with their lines, the two texts, what of the HTML is seen."""

import re
from dataclasses import dataclass
from functools import cached_property

from webapp.mail.check.shown import Shown, look
from webapp.mail.mime import LONGEST, Part, decoded, take_apart
from webapp.mail.tokens.markup import Piece, scan

MOST_FIELDS = 500
_FIELD = re.compile(rb"([!-9;-~]{1,998}?)[ \t]*:")
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n|\r\r")


@dataclass(frozen=True, slots=True)
class Field:
    """A header field; `raw` is what stands behind the colon on the wire, unfolded, `text` the same as people read it."""

    name: str
    raw: str
    line: int

    @property
    def text(self) -> str:
        return decoded(self.raw)


@dataclass(frozen=True)
class Mail:
    """The bytes of one mail. Whatever they are, reading them takes time in proportion to their length only."""

    raw: bytes

    @cached_property
    def head(self) -> bytes:
        """The header without the empty line behind it."""
        end = _END_OF_HEAD.search(self.raw[:LONGEST])
        return self.raw[: end.start()] if end else self.raw[:LONGEST]

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The header fields in their order; what is no field stands under the empty name."""
        found: list[tuple[str, list[bytes], int]] = []
        for number, line in enumerate(re.split(rb"\r\n|\r|\n", self.head), 1):
            named = _FIELD.match(line)
            if line[:1] in (b" ", b"\t") and found:
                found[-1][1].append(line.strip())
            elif len(found) >= MOST_FIELDS:
                break
            elif named:
                found.append((named[1].decode("ascii"), [line[named.end() :].strip()], number))
            elif line:
                found.append(("", [line], number))
        return tuple(Field(name, b" ".join(rows).decode("utf-8", "replace"), at) for name, rows, at in found)

    def named(self, name: str) -> list[Field]:
        """All fields of this name, in any case."""
        return [one for one in self.fields if one.name.lower() == name.lower()]

    def first(self, name: str) -> Field | None:
        return next(iter(self.named(name)), None)

    @cached_property
    def parts(self) -> list[Part]:
        return take_apart(self.raw)[1]

    def text_of(self, kind: str) -> str:
        """The first part of this type that is no attachment."""
        found = (one.text for one in self.parts if one.type == kind and not attached(one))
        return next(found, "")

    @cached_property
    def html(self) -> str:
        return self.text_of("text/html")

    @cached_property
    def text(self) -> str:
        return self.text_of("text/plain")

    @cached_property
    def pieces(self) -> list[Piece]:
        """The HTML in tags, words and comments."""
        return list(scan(self.html))

    @cached_property
    def shown(self) -> Shown:
        return look(self.html, self.pieces)


def attached(part: Part) -> bool:
    """Whether mail programs offer the part as a file."""
    disposition = part.header("content-disposition").strip().lower()
    return disposition.startswith("attachment") or "name=" in part.header("content-type").lower()
