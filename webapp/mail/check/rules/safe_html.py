"""M17: HTML that mail programs show as it was meant, and take for no attack."""

import re
from collections.abc import Iterator

from webapp.mail.check.circumstances import Circumstances
from webapp.mail.check.finding import Finding, fails, not_needed, seen, warns
from webapp.mail.check.mail import Mail
from webapp.mail.check.table import rule
from webapp.mail.tokens.markup import Raw, Tag
from webapp.mail.tokens.parser import Lines
from webapp.mail.tokens.spelling import as_text

_REFUSED = "script form iframe frame frameset object embed applet input button select textarea base"
REFUSED = frozenset(_REFUSED.split())
DOUBTFUL = frozenset(["video", "audio", "svg", "math", "canvas", "dialog"])
_SCHEME = re.compile(r"\s*(javascript|vbscript|data|file)\s*:", re.IGNORECASE)
_ADDRESSES = ("href", "src", "action", "background", "poster")
_FETCHED = re.compile(r"@import|expression\s*\(|behavior\s*:", re.IGNORECASE)
_UNSUPPORTED = re.compile(
    r"position\s*:\s*(?:fixed|sticky|absolute)|display\s*:\s*grid|animation\s*:", re.IGNORECASE
)
_REMOVED = "Mail programs remove it, and filters take it for an attack. Take it out."


@rule("M17", "Safe HTML", "No script, form or embedded page.")
def safe_html(mail: Mail, _about: Circumstances) -> Iterator[Finding]:
    if not mail.html:
        yield not_needed("There is no HTML.")
        return
    lines = Lines(mail.html)
    for piece in mail.pieces:
        if isinstance(piece, Tag) and not piece.closing:
            yield from _tag(mail.html, piece, lines.at(piece.start))
        elif isinstance(piece, Raw) and piece.name == "style":
            yield from _style(mail.html[piece.start : piece.end], lines.at(piece.start))


def _tag(html: str, tag: Tag, line: int) -> Iterator[Finding]:
    at = seen("HTML", line, html[tag.start : min(tag.end, tag.start + 200)])
    if tag.name in REFUSED:
        yield fails(f"There is a <{tag.name}>.", _REMOVED, at)
    if tag.name in DOUBTFUL:
        yield warns(f"There is a <{tag.name}>, which few mail programs show.", "Use an image.", at)
    values = {one.name: as_text(html[one.start : one.end]) for one in tag.attributes}
    if tag.name == "link" and "stylesheet" in values.get("rel", "").lower():
        yield fails("There is an external style sheet.", "Put the styles into the mail.", at)
    for name, value in values.items():
        if name.startswith("on"):
            yield fails(f"There is an event handler ({name[:30]}).", _REMOVED, at)
        if name in _ADDRESSES and _SCHEME.match(value):
            yield fails("An address runs a script or holds data.", _REMOVED, at)
    yield from _style(values.get("style", ""), line)


def _style(css: str, line: int) -> Iterator[Finding]:
    if found := _FETCHED.search(css):
        yield fails(
            f"The styles use {found.group()}.",
            "Put the styles into the mail.",
            seen("HTML", line, found.group()),
        )
    if found := _UNSUPPORTED.search(css):
        words = f"The styles use “{found.group()}”, which several mail programs ignore."
        yield warns(words, "Use tables and plain blocks.", seen("HTML", line, found.group()))
