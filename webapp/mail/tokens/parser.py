"""Reads `[=Name=]` and `[=Name|default=]`. Linear in the text: every search goes on where the last one ended."""

from bisect import bisect_right
from dataclasses import dataclass
from html import unescape
from itertools import accumulate

from webapp.mail.tokens.catalogue import key_of
from webapp.mail.tokens.problems import MOST_PROBLEMS, Problem, shortened

LARGEST = 512 * 1024
MOST_TOKENS = 1000
OPEN, CLOSE = "[=", "=]"
KEYWORDS = ("if", "else", "end", "each")
"""Words that the grammar keeps for conditions and loops; no token may be called so."""


@dataclass(frozen=True, slots=True)
class Text:
    """Characters that stand for themselves."""

    source: str
    start: int


@dataclass(frozen=True, slots=True)
class Token:
    """A token as used once: `name` as written, `key` as looked up, `source` the whole of it with brackets."""

    name: str
    key: str
    default: str
    source: str
    start: int
    line: int


Node = Text | Token


@dataclass(frozen=True, slots=True)
class Parsed:
    """A template's text in order, and what could not be read."""

    nodes: tuple[Node, ...]
    problems: tuple[Problem, ...]

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The tokens only."""
        return tuple(node for node in self.nodes if isinstance(node, Token))


class Lines:
    """Tells the line, from 1, on which a position of a text is."""

    def __init__(self, source: str) -> None:
        self._ends = list(accumulate(len(line) for line in source.split("\n")))
        self._ends = [end + number for number, end in enumerate(self._ends)]

    def at(self, position: int) -> int:
        """The line of `position`."""
        return min(bisect_right(self._ends, position - 1), len(self._ends) - 1) + 1


def parse(source: str, field: str = "html") -> Parsed:
    """Split `source` into text and tokens. In the field `html` names and defaults are read as HTML text."""
    if len(source) > LARGEST:
        reason = f"The text is longer than {LARGEST // 1024} KB; mail programs cut it off. Shorten it."
        return Parsed((), (Problem(1, "", reason, field=field),))
    return _Reader(source, field).read()


class _Reader:
    def __init__(self, source: str, field: str) -> None:
        self.source = source
        self.field = field
        self.lines = Lines(source)
        self.nodes: list[Node] = []
        self.problems: list[Problem] = []
        self.count = 0

    def read(self) -> Parsed:
        done = 0
        while (start := self.source.find(OPEN, done)) >= 0:
            close = self.source.find(CLOSE, start + 2)
            if close < 0:
                self._unclosed(start)
                break
            inner = self.source.rfind(OPEN, start + 2, close)
            if inner >= 0:  # an earlier bracket was never closed; the last one belongs to this end
                self._unclosed(start)
                start = inner
            self._text(done, start)
            self._token(start, close + 2)
            done = close + 2
        self._text(done, len(self.source))
        if self.count > MOST_TOKENS:
            reason = f"uses {self.count} tokens; at most {MOST_TOKENS} are allowed. Remove some."
            self._problem(0, "The text", reason)
        return Parsed(tuple(self.nodes), tuple(self.problems))

    def _text(self, start: int, end: int) -> None:
        if end > start:
            self.nodes.append(Text(self.source[start:end], start))

    def _token(self, start: int, end: int) -> None:
        self.count += 1
        if self.count > MOST_TOKENS:
            return
        source = self.source[start:end]
        name, _, default = source[2:-2].partition("|")
        if self.field == "html":
            name, default = as_text(name), as_text(default)
        name = "".join(name.split())
        self.nodes.append(Token(name, key_of(name), default.strip(), source, start, self.lines.at(start)))

    def _unclosed(self, start: int) -> None:
        shown = shortened(self.source[start : start + 40], 30)
        self._problem(start, shown, "begins a token that is never closed.", "Close it with “=]”.")

    def _problem(self, start: int, token: str, reason: str, suggestion: str = "") -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(self.lines.at(start), token, reason, suggestion, self.field))


def as_text(source: str) -> str:
    """HTML character references resolved; an absurdly long number is left alone instead of being computed."""
    if "&" not in source:
        return source
    try:
        return unescape(source)
    except ValueError:  # Python refuses to turn thousands of digits into a number
        return source
