"""What a mail must not contain: mail programs remove it, and filters take it for an attack."""

import re
from collections.abc import Iterator

from webapp.mail.compose.nesting import too_deep
from webapp.mail.tokens.lint import MarkedUp
from webapp.mail.tokens.markup import Attribute, Comment, Piece, Raw, Tag, Unfinished
from webapp.mail.tokens.places import URL_ATTRIBUTES
from webapp.mail.tokens.problems import MOST_PROBLEMS, Problem, shortened
from webapp.mail.tokens.spelling import as_text

DEEPEST = 200
MOST_CSS = 128 * 1024
MOST_MATCHES = 5_000_000

_MOVING = "Mail programs remove it; use text and pictures."
_ASKING = "Mail programs block forms; link to a page with the form."
_EMBEDDING = "Mail programs block it; link to it."
_ELEMENTS = {
    **dict.fromkeys(("script", "noscript", "applet", "template"), _MOVING),
    **dict.fromkeys(("form", "input", "select", "textarea", "isindex"), _ASKING),
    **dict.fromkeys(("iframe", "frame", "frameset", "object", "embed", "portal"), _EMBEDDING),
    **dict.fromkeys(("svg", "math"), "Most mail programs do not show it; use an image."),
    **dict.fromkeys(("base", "xmp", "noembed", "noframes", "plaintext"), "Remove it."),
}
_SCHEMES = ("javascript:", "vbscript:", "livescript:", "file:", "data:")
Offence = tuple[int, str, str, str]
"""Where it stands, what it is, why it cannot stay, what to do."""
_INVISIBLE = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\ufeff]+")


def forbidden(marked: MarkedUp) -> list[Problem]:
    """Every forbidden construct, with its line."""
    problems: list[Problem] = []
    for position, token, reason, remedy in _offences(marked):
        problems.append(Problem(marked.line_at(position), token, reason, remedy))
        if len(problems) >= MOST_PROBLEMS:
            break
    return problems


def _offences(marked: MarkedUp) -> Iterator[Offence]:
    last_end = marked.source.rfind("-->")
    for piece in marked.pieces:
        if _never_ends(marked.source, piece, last_end):
            shown = shortened(marked.source[piece.start : piece.start + 40], 24)
            yield piece.start, shown, "never ends and would hide what follows it.", "Close it."
        elif isinstance(piece, Tag):
            yield from _in_tag(marked.source, piece)
    yield from _excess(marked)


def _never_ends(source: str, piece: Piece, last_end: int) -> bool:
    if isinstance(piece, Comment):
        hidden = source.startswith("<!--[", piece.start) and last_end < piece.start
        return hidden or source[piece.end - 1] != ">"
    if isinstance(piece, Tag | Raw) and piece.conditional and "-->" in source[piece.start : piece.end]:
        return True  # Outlook and all others would see two different mails
    return isinstance(piece, Unfinished) or (isinstance(piece, Raw) and piece.end == len(source))


def _excess(marked: MarkedUp) -> Iterator[Offence]:
    """Inlining recurses into the tree and compares each rule with each element: both are kept small."""
    tags = [piece for piece in marked.pieces if isinstance(piece, Tag)]
    if deep := too_deep(tags, DEEPEST):
        yield deep.start, "", f"More than {DEEPEST} tags are open here.", "Close what was opened."
    styles = [piece for piece in marked.pieces if isinstance(piece, Raw) and piece.name == "style"]
    rules = sum(marked.source.count("{", style.start, style.end) for style in styles)
    if sum(style.end - style.start for style in styles) > MOST_CSS or rules * len(tags) > MOST_MATCHES:
        yield 0, "", "The styles are too large for a mail.", "Keep only the rules that the mail uses."


def _in_tag(source: str, tag: Tag) -> Iterator[Offence]:
    if tag.closing:
        return
    if tag.name in _ELEMENTS:
        yield tag.start, f"<{tag.name[:20]}>", "is not allowed in a mail.", _ELEMENTS[tag.name]
    for attribute in tag.attributes:
        value = source[attribute.start : attribute.end]
        if attribute.name.startswith("on"):
            yield (
                tag.start,
                attribute.name[:30],
                "is an event handler, which mail programs remove.",
                "Remove it.",
            )
        elif tag.name == "meta" and attribute.name == "http-equiv" and value.strip().lower() == "refresh":
            yield tag.start, "<meta refresh>", "is not allowed in a mail.", "Remove it."
        elif attribute.name in URL_ATTRIBUTES and _runs(attribute, value):
            yield (
                tag.start,
                f"{attribute.name}=",
                "holds a link that mail programs block.",
                "Link to https:// instead.",
            )


def _runs(attribute: Attribute, value: str) -> bool:
    link = _INVISIBLE.sub("", as_text(value)).lower()
    if not link.startswith(_SCHEMES):
        return False
    return not (link.startswith("data:image/") and attribute.name in ("src", "background", "srcset"))
