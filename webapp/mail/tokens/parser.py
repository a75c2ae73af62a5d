"""Reads `[=Name=]`, `[=Name|default=]` and the brackets of blocks. Linear: every search goes on where the last one ended."""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

from webapp.mail.tokens.balance import unbalanced
from webapp.mail.tokens.catalogue import key_of
from webapp.mail.tokens.conditions import Mark, is_mark, read_mark
from webapp.mail.tokens.problems import MOST_PROBLEMS, Problem, shortened
from webapp.mail.tokens.spelling import as_text, repaired

LARGEST = 512 * 1024
MOST_TOKENS = 1000
BROKEN = "is a token that an editor has broken."
OPEN, CLOSE = "[=", "=]"


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


Use = Token | Mark
"""What stands in brackets: a token, or a part of a block."""
Node = Text | Token | Mark


@dataclass(frozen=True, slots=True)
class Parsed:
    """A template's text in order, and what could not be read."""

    nodes: tuple[Node, ...]
    problems: tuple[Problem, ...]

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The tokens only."""
        return tuple(node for node in self.nodes if isinstance(node, Token))

    @property
    def uses(self) -> tuple[Use, ...]:
        """Everything in brackets, in order."""
        return tuple(node for node in self.nodes if not isinstance(node, Text))


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
        for mark, reason, remedy in unbalanced(node for node in self.nodes if isinstance(node, Mark)):
            self._problem(mark.start, shortened(mark.source), reason, remedy)
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
        if is_mark(repaired(source[2:-2])):
            self._mark(source, start)
            return
        name, _, default = source[2:-2].partition("|")
        if self.field == "html":
            name, default = as_text(name), as_text(default)
        name = "".join(name.split())
        self.nodes.append(Token(name, key_of(name), default.strip(), source, start, self.lines.at(start)))

    def _mark(self, source: str, start: int) -> None:
        inside = as_text(source[2:-2]) if self.field == "html" else source[2:-2]
        whole = repaired(source[2:-2])
        mark, misread = read_mark(whole, source, start, self.lines.at(start))
        self.nodes.append(mark)
        if misread:
            self._problem(start, shortened(source), misread.reason, misread.remedy)
        elif "".join(inside.split()) != "".join(whole.split()):
            self._problem(start, shortened(source), BROKEN, f"Write it as [={whole}=].")

    def _unclosed(self, start: int) -> None:
        shown = shortened(self.source[start : start + 40], 30)
        self._problem(start, shown, "begins a token that is never closed.", "Close it with “=]”.")

    def _problem(self, start: int, token: str, reason: str, suggestion: str = "") -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(self.lines.at(start), token, reason, suggestion, self.field))
