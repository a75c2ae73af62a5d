"""From a draft to a compiled message: everything that is the same for all recipients is worked out here, once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from html import escape as html_escape
from typing import Any

from webapp.mail.compose.blocks import paths, torn_blocks
from webapp.mail.compose.compiled import CompiledMessage
from webapp.mail.compose.document import whole_document
from webapp.mail.compose.draft import Draft
from webapp.mail.compose.escaping import IN_HTML, IN_TEXT, Writers, clean, html_fragment, offer_list
from webapp.mail.compose.forbidden import forbidden
from webapp.mail.compose.identity import Identity, identity_problems
from webapp.mail.compose.inlining import inline_styles
from webapp.mail.compose.links import CLICK, MOST_LINKS, host_of, led_by_us, links_in
from webapp.mail.compose.problems import TokenProblems
from webapp.mail.compose.template import Growing, Rendering, Template
from webapp.mail.compose.text_part import text_of
from webapp.mail.tokens.catalogue import CONTEXTS, MESSAGE, TOKENS, Kind
from webapp.mail.tokens.conditions import Mark
from webapp.mail.tokens.lint import MarkedUp, kinds_of, lint_html, lint_text, mark_up
from webapp.mail.tokens.lists import LISTS
from webapp.mail.tokens.markup import Piece, scan
from webapp.mail.tokens.needs import for_everybody
from webapp.mail.tokens.parser import Parsed, Text, Token, Use, parse
from webapp.mail.tokens.places import REFUSED, Found, Markers, Place, locate
from webapp.mail.tokens.problems import MOST_PROBLEMS, Problem, shortened

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff]")
_UNSUBSCRIBE = Token("Unsubscribe.Link", "unsubscribe.link", "", "[=Unsubscribe.Link=]", 0, 1)


def lint(draft: Draft, *, context: str = MESSAGE) -> list[Problem]:
    """Everything that keeps the draft from being compiled; an empty list when nothing does."""
    if context not in CONTEXTS:
        raise ValueError(f"there is no kind of mail called {context!r}")
    draft = _normal(draft)
    problems = [
        *_subject_problems(draft, context),
        *lint_text(draft.preheader, "preheader", context),
        *lint_text(draft.text, "text", context),
        *identity_problems(draft),
    ]
    html = lint_html(draft.html, context)
    if not draft.html.strip():
        html = [Problem(1, "", "The mail has no text.", "Write one.")]
    parsed = parse(draft.html)
    if parsed.nodes:
        marked = mark_up(parsed)
        html += forbidden(marked)
        html = html or _torn(draft, marked)
    return [*problems, *sorted(html, key=lambda problem: problem.line)][:MOST_PROBLEMS]


def compile_message(draft: Draft, *, context: str = MESSAGE) -> CompiledMessage:
    """The draft ready to be filled for any number of recipients. Raises TokenProblems when `lint` finds any."""
    if problems := lint(draft, context=context):
        raise TokenProblems(problems)
    draft = _normal(draft)
    marked = mark_up(parse(draft.html))
    html, text = _parts(_document(draft, marked), draft.links, draft.picture)
    if draft.text.strip():
        text = _own_text(draft)
    return CompiledMessage(
        identity=Identity.of(draft),
        subject=_plain_template(parse(draft.subject, "subject")),
        html=html,
        text=text,
        boundary="=_" + sha256(repr(draft).encode("utf-8", "replace")).hexdigest()[:32],
    )


def links_to_count(draft: Draft, *, context: str = MESSAGE) -> tuple[str, ...]:
    """The addresses, each once, behind which clicks can be counted. Raises TokenProblems for a draft that can't be sent."""
    if problems := lint(draft, context=context):
        raise TokenProblems(problems)
    draft = _normal(draft)
    document = _document(draft, mark_up(parse(draft.html)))
    ours = {host_of(draft.public_url), host_of(draft.tracking_url)}
    found = links_in(document.source, list(scan(document.source)), document.markers, document.tokens)
    others = (link.url for link in found if host_of(link.url) not in ours)
    return tuple(dict.fromkeys(others))[:MOST_LINKS]


def _torn(draft: Draft, marked: MarkedUp) -> list[Problem]:
    """Blocks that do not hold whole elements, as written and in the finished document."""
    if not any(isinstance(use, Mark) for use in marked.tokens):
        return []
    found = list(torn_blocks(marked.source, marked.pieces, marked.markers, marked.tokens))
    if found or not draft.html.strip():
        return found
    try:
        _parts(_document(draft, marked))
    except TokenProblems as refusal:
        return list(refusal.found)
    return []


@dataclass(frozen=True, slots=True)
class _Document:
    source: str
    tokens: tuple[Use, ...]
    markers: Markers


def _document(draft: Draft, marked: MarkedUp) -> _Document:
    preheader = parse(draft.preheader, "preheader")
    tokens = (*marked.tokens, _UNSUBSCRIBE, *preheader.uses)
    unsubscribe = marked.markers.write(len(marked.tokens))
    hidden = _marked_text(preheader, marked.markers, len(marked.tokens) + 1)
    whole = whole_document(marked, draft, hidden, unsubscribe)
    document = _Document(inline_styles(whole, list(scan(whole))), tokens, marked.markers)
    _refuse_torn(whole, document)
    return document


def _refuse_torn(whole: str, document: _Document) -> None:
    """The inliner reads HTML as browsers do, and so may move what stands in a wrong place: out of its block, too."""
    source, tokens, markers = document.source, document.tokens, document.markers
    if not any(isinstance(use, Mark) for use in tokens):
        return
    if torn := list(torn_blocks(source, list(scan(source)), markers, tokens)):
        raise TokenProblems(torn[:MOST_PROBLEMS])
    if paths(markers.split(whole), tokens) != paths(markers.split(source), tokens):
        first = next(use for use in tokens if isinstance(use, Mark))
        reason = (
            "holds something that mail programs move out of it, such as text between the rows of a table."
        )
        raise TokenProblems([Problem(first.line, shortened(first.source), reason, "Put it into a cell.")])


def _marked_text(parsed: Parsed, markers: Markers, first: int) -> str:
    numbers = iter(range(first, first + len(parsed.uses)))
    escape = IN_HTML[Place.TEXT]
    written = []
    for node in parsed.nodes:
        if isinstance(node, Text):
            written.append(escape(node.source))
        else:
            word = markers.write if isinstance(node, Token) else markers.mark
            written.append(word(next(numbers)))
    return " ".join("".join(written).split())


def _parts(document: _Document, counted: Sequence[str] = (), picture: str = "") -> tuple[Template, Template]:
    """HTML and text part; the links `counted` lead by us, and the picture stands, in the HTML part only."""
    source, tokens, markers = document.source, document.tokens, document.markers
    pieces = list(scan(source))
    found = _located(document, pieces)
    places = {one.number: one.place for one in found}
    names = [use.key for use in tokens]

    def block_word(comment: str) -> str:
        found = markers.comments.fullmatch(comment)
        use = tokens[int(found[1])] if found else None
        return use.word if isinstance(use, Mark) else ""

    text = text_of(source, pieces, lambda part: markers.named(part, names), block_word)
    if counted:
        document = _led_by_us(document, pieces, counted)
    if picture:
        document = replace(document, source=_with_picture(document.source, picture))
    if counted or picture:
        found = _located(document, list(scan(document.source)))
    html = _quoted(document.source, found)
    in_html = {one.number: one.place for one in found}
    return (
        _template(markers.split(html), document.tokens, in_html, IN_HTML),
        _template(markers.split(text), tokens, places, IN_TEXT),
    )


def _located(document: _Document, pieces: list[Piece]) -> list[Found]:
    kinds = kinds_of(document.tokens)
    kinds |= {number: Kind.URL for number, use in enumerate(document.tokens) if use is CLICK}
    found = locate(document.source, pieces, document.markers, kinds)
    _refuse_moved(found, document.tokens)
    return found


def _led_by_us(document: _Document, pieces: list[Piece], counted: Sequence[str]) -> _Document:
    source, markers = document.source, document.markers
    links = list(links_in(source, pieces, markers, document.tokens))
    numbers = {url: number for number, url in enumerate(counted)}
    source = led_by_us(source, links, numbers, markers.write(len(document.tokens)))
    return replace(document, source=source, tokens=(*document.tokens, CLICK))


def _with_picture(source: str, address: str) -> str:
    """A dot behind everything else, so that nothing waits for it."""
    dot = f'<img src="{html_escape(address)}" width="1" height="1" alt="">'
    end = source.lower().rfind("</body")
    return f"{source[:end]}{dot}{source[end:]}" if end >= 0 else source + dot


def _refuse_moved(found: list[Found], tokens: tuple[Use, ...]) -> None:
    """Inlining rewrites the document: a token that has come to stand in a refused place must not be filled there."""
    moved = [
        Problem(tokens[f.number].line, shortened(tokens[f.number].source), *REFUSED[f.place])
        for f in found
        if f.place in REFUSED
    ]
    if moved:
        raise TokenProblems(moved)


def _quoted(source: str, found: list[Found]) -> str:
    """Puts quotes around bare attribute values that hold tokens: a value with a blank in it would end there."""
    for start, end in sorted({one.bare for one in found if one.bare}, reverse=True):
        source = f'{source[:start]}"{source[start:end].replace(chr(34), "&quot;")}"{source[end:]}'
    return source


def _template(
    parts: list[str | int], tokens: tuple[Use, ...], places: dict[int, Place], writers: Writers
) -> Template:
    growing = Growing()
    for part in parts:
        if isinstance(part, str):
            growing.text(part)
        elif isinstance(use := tokens[part], Token):
            growing.slot(_rendering(use, places[part], writers))
        else:
            growing.mark(use)
    return growing.finished()


def _rendering(token: Token, place: Place, writers: Writers) -> Rendering:
    if token is CLICK:
        return Rendering(token.key, token.name, "", writers[place], False)
    spec = TOKENS[token.key]
    write = writers[place]
    if spec.kind is Kind.HTML and place is Place.TEXT:
        of_list = token.key in LISTS
        if writers is IN_HTML:
            write = offer_list if of_list else html_fragment
        else:
            write = _list_text if of_list else _fragment_text
    return Rendering(
        token.key, spec.name, clean(token.default), write, spec.multiline or spec.kind is Kind.HTML
    )


def _fragment_text(value: str) -> str:
    fragment = html_fragment(value)
    return text_of(fragment, list(scan(fragment))).rstrip("\n")


def _list_text(value: str) -> str:
    return _fragment_text(offer_list(value))


def _plain_template(parsed: Parsed, *, lines: bool = False) -> Template:
    """With `lines`, a line on which there is nothing but the begin or end of a block leaves no empty line behind."""
    growing = Growing()
    begins = lines
    for node in parsed.nodes:
        if isinstance(node, Token):
            growing.slot(_rendering(node, Place.TEXT, IN_TEXT))
            begins = False
        elif isinstance(node, Text):
            growing.text(node.source.removeprefix("\n") if begins and node.start else node.source)
            begins = lines and node.source.endswith("\n")
        else:
            growing.mark(node)
    return growing.finished()


def _own_text(draft: Draft) -> Template:
    """The text part that somebody wrote, with what the law asks for where it is not in it."""
    used = for_everybody(parse(draft.text, "text"))
    lines = []
    if "network.address" not in used and draft.postal_address.strip() not in draft.text:
        lines = ["[=Network.Name=]", "[=Network.Address=]"]
    if draft.announces and "unsubscribe.link" not in used:
        lines.append("Unsubscribe: [=Unsubscribe.Link=]")
    footer = "\n".join(["", "-- ", *lines]) if lines else ""
    return _plain_template(parse(f"{draft.text.rstrip()}\n{footer}", "text"), lines=True)


def _subject_problems(draft: Draft, context: str) -> list[Problem]:
    problems = lint_text(draft.subject, "subject", context)
    if not draft.subject.strip():
        problems.append(Problem(1, "", "The subject is empty.", "Write one.", "subject"))
    if len(draft.subject) > 500:
        problems.append(
            Problem(1, "", "The subject is longer than 500 characters.", "Shorten it.", "subject")
        )
    for token in parse(draft.subject, "subject").tokens:
        if token.key in TOKENS and TOKENS[token.key].kind is not Kind.TEXT:
            problems.append(
                Problem(1, token.source, "cannot stand in a subject.", "Move it into the text.", "subject")
            )
    return problems


def _normal(draft: Draft) -> Draft:
    """The draft with plain line breaks and without controls, which could join what stands apart while it is checked."""
    fields = ("subject", "html", "preheader", "text", "from_name", "network_name", "postal_address")
    changes: dict[str, Any] = {
        field: _CONTROLS.sub("", _line_breaks(getattr(draft, field))) for field in fields
    }
    return replace(draft, **changes)


def _line_breaks(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
