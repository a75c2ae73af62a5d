"""Reads an Authentication-Results header (RFC 8601 §2.2): who says it, and what it says. Comments say nothing."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

MOST = 40  # results of one header
_METHOD = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,40})(?:/\d+)?=([A-Za-z]{1,30})$")
_PROPERTY = re.compile(r"([A-Za-z]{1,20}\.[A-Za-z0-9-]{1,40})=(.{1,320})$")


@dataclass(frozen=True)
class Result:
    """`method` and `result` in lower case; `properties` by their names such as smtp.mailfrom and header.d."""

    method: str
    result: str
    properties: Mapping[str, str] = field(default_factory=dict)

    def domain(self, *names: str) -> str:
        """The domain of the first of these properties that is there."""
        values = (self.properties[name] for name in names if name in self.properties)
        return next((value.rpartition("@")[2].lower().strip("<>.") for value in values), "")


@dataclass(frozen=True)
class Said:
    """`server` is the authserv-id in lower case, empty where the header names none."""

    server: str
    results: tuple[Result, ...]


def read(value: str) -> Said:
    """What a header says; never raises, whatever stands there."""
    first, *others = _statements(value)
    named = "=" not in first
    server = first.split()[0].lower().rstrip(".") if named and first.split() else ""
    found = [one for text in ([] if named else [first]) + others if (one := _result(text)) is not None]
    return Said(server, tuple(found[:MOST]))


def without_comments(value: str) -> str:
    """The text without comments, which may be nested, and with quoted strings as one word each."""
    return "".join(_plain(value))


def _plain(value: str) -> Iterator[str]:
    depth, quoted, escaped = 0, False, False
    for letter in value:
        if escaped:
            escaped = False
            if quoted and not depth:
                yield _harmless(letter)
        elif letter == "\\" and (depth or quoted):
            escaped = True
        elif depth:
            depth += {"(": 1, ")": -1}.get(letter, 0)
            if not depth:
                yield " "
        elif letter == '"':
            quoted = not quoted
        elif quoted:
            yield _harmless(letter)
        elif letter == "(":
            depth = 1
        else:
            yield letter


def _harmless(letter: str) -> str:
    return "_" if letter in ';="() ' else letter


def _statements(value: str) -> list[str]:
    return [re.sub(r"[ \t]*=[ \t]*", "=", text.strip()) for text in without_comments(value).split(";")]


def _result(text: str) -> Result | None:
    words = text.split()
    found = _METHOD.match(words[0]) if words else None
    if found is None:
        return None
    pairs = (_PROPERTY.match(word) for word in words[1:])
    return Result(
        found[1].lower(), found[2].lower(), {pair[1].lower(): pair[2] for pair in pairs if pair is not None}
    )
