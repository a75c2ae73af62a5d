"""Makes a whole document of what was written: frame, hidden first line, and the footer that the law asks for."""

from collections.abc import Iterator
from html import escape

from webapp.mail.compose.blocks import paths
from webapp.mail.compose.draft import Draft
from webapp.mail.compose.framing import framed
from webapp.mail.tokens.lint import MarkedUp
from webapp.mail.tokens.markup import Tag, Words

_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_PLAIN = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
</head>
<body style="margin:0;padding:0;-webkit-text-size-adjust:100%">
<div style="max-width:600px;margin:0 auto;padding:24px 16px;{font};font-size:16px;line-height:1.5">
<!--preheader--><!--body-->
<!--footer-->
</div>
</body>
</html>
"""
_HIDDEN = '<div style="display:none;max-height:0;overflow:hidden;mso-hide:all" aria-hidden="true">{}</div>\n'  # the preheader
_FOOTER = (
    '<div style="max-width:600px;margin:32px auto 0;padding:16px 0 0;border-top:1px solid #c9d0d9;'
    '{font};font-size:13px;line-height:1.5;color:#667085">\n{lines}\n</div>\n'
)
_FOOTER_IN_FRAME = '<div class="footer">\n{lines}\n</div>\n'  # the frame says how it looks
_UNSUBSCRIBE = (
    '<a href="{}" style="color:#667085;text-decoration:underline">Unsubscribe</a> from these messages.'
)


def whole_document(marked: MarkedUp, draft: Draft, preheader: str, unsubscribe: str) -> str:
    """`marked` as a complete HTML document. `preheader` and `unsubscribe` are HTML and a URL with markers in them."""
    footer = _footer(marked, draft, unsubscribe)
    hidden = _HIDDEN.format(preheader) if preheader else ""
    body = marked.source
    if not is_document(marked):
        frame = draft.frame or _PLAIN.format(title=escape(draft.network_name), font=_FONT)
        return framed(frame, preheader=hidden, body=_paragraphs(marked), footer=footer)
    if draft.announces and footer:
        end = _end_of_body(marked)
        body = f"{body[:end]}{footer}{body[end:]}"
    if hidden:
        start = _start_of_body(marked)
        body = f"{body[:start]}{hidden}{body[start:]}"
    return body


def is_document(marked: MarkedUp) -> bool:
    """Whether a whole document was written and not only what belongs into its body."""
    return any(isinstance(piece, Tag) and piece.name in ("html", "head", "body") for piece in marked.pieces)


def _footer(marked: MarkedUp, draft: Draft, unsubscribe: str) -> str:
    used = _visible_tokens(marked)
    lines = []
    if "network.address" not in used and not _mentions(marked, draft.postal_address):
        lines = [draft.network_name, *draft.postal_address.splitlines()]
    elif not is_document(marked):
        lines = [draft.network_name]
    lines = [escape(line.strip()) for line in lines if line.strip()]
    if draft.announces and "unsubscribe.link" not in used:
        lines.append(_UNSUBSCRIBE.format(unsubscribe))
    footer = _FOOTER_IN_FRAME if draft.frame and not is_document(marked) else _FOOTER
    return footer.format(font=_FONT, lines="<br>\n".join(lines)) if lines else ""


def _visible_tokens(marked: MarkedUp) -> set[str]:
    shown = [p for p in marked.pieces if isinstance(p, Words | Tag) and not p.conditional]
    numbers = (number for p in shown for number in marked.markers.numbers(marked.source[p.start : p.end]))
    around = paths(marked.markers.split(marked.source), marked.tokens)
    return {
        marked.tokens[number].key for number in numbers if around.get(number) == ()
    }  # in a block: not for all


def _mentions(marked: MarkedUp, address: str) -> bool:
    first = address.strip().splitlines()[:1]
    return bool(first) and escape(first[0].strip(), quote=False) in marked.source


def _paragraphs(marked: MarkedUp) -> str:
    if any(isinstance(piece, Tag) for piece in marked.pieces):
        return marked.source
    return "\n".join(_paragraph(part, marked) for part in _parted(marked))


def _parted(marked: MarkedUp) -> Iterator[str]:
    """Paragraphs end at empty lines, and at lines on which there is nothing but the begin or end of a block."""
    lines: list[str] = []
    for line in [*marked.source.strip().split("\n"), ""]:
        alone = not marked.markers.comments.sub("", line).strip()
        if alone and lines:
            yield "\n".join(lines)
            lines = []
        if not alone:
            lines.append(line)
        elif line.strip():
            yield line.strip()


def _paragraph(text: str, marked: MarkedUp) -> str:
    if not marked.markers.comments.sub("", text).strip():
        return text
    return f"<p>{text.strip().replace(chr(10), '<br>' + chr(10))}</p>"


def _end_of_body(marked: MarkedUp) -> int:
    for name in ("body", "html"):
        ends = [
            p.start
            for p in marked.pieces
            if isinstance(p, Tag) and not p.conditional and p.closing and p.name == name
        ]
        if ends:
            return ends[-1]
    return len(marked.source)


def _start_of_body(marked: MarkedUp) -> int:
    starts = [
        p.end
        for p in marked.pieces
        if isinstance(p, Tag) and not p.conditional and not p.closing and p.name == "body"
    ]
    return starts[0] if starts else _end_of_body(marked)
