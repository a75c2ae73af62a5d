"""Tokens that an editor has broken, recognised by the name that is left of them."""

import re
from collections.abc import Collection, Iterator
from html import escape

from webapp.mail.tokens.catalogue import find
from webapp.mail.tokens.conditions import is_mark, read_mark
from webapp.mail.tokens.parser import BROKEN, Lines, Token
from webapp.mail.tokens.problems import Problem, shortened
from webapp.mail.tokens.spelling import repaired

_GAP = "[ \u00a0\u00ad\u200b-\u200f\u2060\ufeff]{1,3}"
_OPENING = re.compile(
    rf"\[=|%5B=|%5B%3D|&#91;=|&#x5B;=|&lbrack;=|&lsqb;=|\[&#61;|\[&equals;|\[<[^<>\[\]]{{0,60}}>=|\[{_GAP}=",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"=\]|=%5D|%3D%5D|=&#93;|=&#x5D;|=&rbrack;|=&rsqb;|&#61;\]|&equals;\]"
    rf"|=<[^<>\[\]]{{0,60}}>\]|={_GAP}\]",
    re.IGNORECASE,
)
_LONGEST = 120
_NOT_INSIDE = re.compile(r"[\[\]\n]")


def broken_brackets(source: str, whole: Collection[tuple[int, int]], field: str) -> Iterator[Problem]:
    """Tokens and parts of blocks whose brackets are not brackets any more. `whole` are the spans of those that are."""
    lines = Lines(source)
    for opening, closing in _pairs(source):
        span = opening.start(), closing.end()
        if span in whole:
            continue
        if meant := _meant(source[opening.end() : closing.start()], field):
            yield _problem(lines.at(span[0]), source[slice(*span)], meant, field)


def _pairs(source: str) -> Iterator[tuple[re.Match[str], re.Match[str]]]:
    """Each closing with the last opening before it. Linear, whatever the text is."""
    openings = _OPENING.finditer(source)
    opening = next(openings, None)
    for closing in _CLOSING.finditer(source):
        last = None
        while opening is not None and opening.end() < closing.start():
            last, opening = opening, next(openings, None)
        if last is None or closing.start() - last.end() > _LONGEST:
            continue
        if not _NOT_INSIDE.search(source, last.end(), closing.start()):
            yield last, closing


def broken_name(token: Token, field: str) -> Problem | None:
    """The problem of a token whose brackets are sound and whose name is known once it is repaired."""
    meant = _meant(token.source[2:-2], field)
    return _problem(token.line, token.source, meant, field) if meant else None


def _problem(line: int, source: str, meant: str, field: str) -> Problem:
    return Problem(line, shortened(source), BROKEN, f"Write it as {meant}.", field)


def _meant(inside: str, field: str) -> str:
    """The repaired spelling; "" when no token or block can be recognised."""
    text = repaired(inside)
    if is_mark(text):
        _, misread = read_mark(text, text, 0, 1)
        return "" if misread else f"[={text}=]"
    name, bar, default = text.partition("|")
    spec = find(name)
    if spec is None:
        return ""
    default = escape(default.strip(), quote=False) if field == "html" else default.strip()
    return f"[={spec.name}|{default}=]" if bar else spec.written()
