"""Finds what is wrong with the tokens of a template: unknown, not available here, misplaced, or broken by an editor."""

import re
from dataclasses import dataclass

from webapp.mail.tokens.catalogue import ABOUT_AN_OFFER, MESSAGE, TOKENS, Kind, TokenSpec, available, find
from webapp.mail.tokens.markup import Piece, scan
from webapp.mail.tokens.nearest import nearest
from webapp.mail.tokens.parser import KEYWORDS, Parsed, Token, parse
from webapp.mail.tokens.places import REFUSED, Found, Markers, Place, locate
from webapp.mail.tokens.problems import MOST_PROBLEMS, Problem, shortened

_OPENINGS = r"\[=|%5B=|%5B%3D|&#91;=|&#x5B;=|&lbrack;=|&lsqb;=|\[&#61;|\[&equals;|\[<[^<>\[\]]{0,60}>="
_CLOSINGS = r"=\]|=%5D|%3D%5D|=&#93;|=&#x5D;|=&rbrack;|=&rsqb;|&#61;\]|&equals;\]|=<[^<>\[\]]{0,60}>\]"
_BROKEN = re.compile(rf"(?:{_OPENINGS})([^\[\]\n]{{1,120}}?)(?:{_CLOSINGS})", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,200}>|%20|&nbsp;")


@dataclass(frozen=True, slots=True)
class MarkedUp:
    """An HTML text in which each token is a marker word, ready to be taken apart."""

    source: str
    markers: Markers
    tokens: tuple[Token, ...]
    pieces: list[Piece]
    found: list[Found]

    def line_at(self, position: int) -> int:
        """The line of the text as it was written on which a position of the marked text is."""
        before = self.source[:position]
        inside = sum(self.tokens[number].source.count("\n") for number in self.markers.numbers(before))
        return before.count("\n") + inside + 1


def kinds_of(tokens: tuple[Token, ...]) -> dict[int, Kind]:
    """The kind of each token by its number; an unknown one counts as text."""
    specs = (TOKENS.get(token.key) for token in tokens)
    return {number: spec.kind if spec else Kind.TEXT for number, spec in enumerate(specs)}


def lint_text(source: str, field: str, context: str = MESSAGE) -> list[Problem]:
    """What is wrong with the tokens of a field without markup: a subject, a preheader."""
    parsed = parse(source, field)
    return [*parsed.problems, *_names(parsed, field, context)][:MOST_PROBLEMS]


def lint_html(source: str, context: str = MESSAGE, field: str = "html") -> list[Problem]:
    """What is wrong with the tokens of an HTML text, in the order of its lines."""
    parsed = parse(source, field)
    if not parsed.nodes:
        return list(parsed.problems)
    problems = [*parsed.problems, *_names(parsed, field, context), *_broken(source, parsed, field)]
    problems += _misplaced(mark_up(parsed), field)
    return sorted(problems, key=lambda problem: problem.line)[:MOST_PROBLEMS]


def mark_up(parsed: Parsed) -> MarkedUp:
    """Put a marker in the place of each token and find out where each of them stands."""
    markers = Markers()
    numbers = iter(range(len(parsed.tokens)))
    source = "".join(
        markers.write(next(numbers)) if isinstance(node, Token) else node.source for node in parsed.nodes
    )
    pieces = list(scan(source))
    return MarkedUp(
        source, markers, parsed.tokens, pieces, locate(source, pieces, markers, kinds_of(parsed.tokens))
    )


def _names(parsed: Parsed, field: str, context: str) -> list[Problem]:
    whole = (token for token in parsed.tokens if not _BROKEN.fullmatch(token.source) or "<" not in token.name)
    checked = ((token, _name_problem(token, context)) for token in whole)
    return [Problem(token.line, shortened(token.source), *words, field) for token, words in checked if words]


def _name_problem(token: Token, context: str) -> tuple[str, str] | None:
    spec = TOKENS.get(token.key)
    if spec is None:
        return _unknown(token, context)
    if context in spec.valid_in:
        return None
    if spec.valid_in <= ABOUT_AN_OFFER and context == MESSAGE:
        return (
            "belongs to an offer, and this mail is not about one.",
            "Remove it, or send the mail about an offer.",
        )
    return "is not available in this kind of mail.", "Remove it."


def _unknown(token: Token, context: str) -> tuple[str, str]:
    if not token.key:
        return "has no name.", "Write a name between the brackets, for example [=Affiliate.FirstName=]."
    if token.source[2:-2].split()[0].lower() in KEYWORDS:
        return "is a condition; conditions are not available yet.", "Remove it."
    wanted = suggested(token.name, context)
    return "is not a token.", f"Did you mean {wanted}?" if wanted else "Choose one from the list of tokens."


def suggested(name: str, context: str = MESSAGE) -> str:
    """The token most like `name`, written with its brackets; those that the kind of mail offers come first. Or ""."""
    best = nearest(name, [spec.name for spec in available(context)])
    best = best or nearest(name, [spec.name for spec in TOKENS.values()])
    return f"[={best}=]" if best else ""


def _misplaced(marked: MarkedUp, field: str) -> list[Problem]:
    problems = []
    for found in marked.found:
        token = marked.tokens[found.number]
        if words := REFUSED.get(found.place) or _unfit(token, found.place):
            problems.append(Problem(token.line, shortened(token.source), *words, field))
    return problems


def _unfit(token: Token, place: Place) -> tuple[str, str] | None:
    spec = TOKENS.get(token.key)
    if (
        place is Place.WHOLE_URL
        and token.default
        and not token.default.lower().startswith(("https://", "http://"))
    ):
        return "has a default that is not a link.", "Begin the default with https://."
    if spec is not None and spec.kind is Kind.HTML and place is not Place.TEXT:
        return "holds formatted text, which can only stand between tags.", "Move it into the text."
    return None


def _broken(source: str, parsed: Parsed, field: str) -> list[Problem]:
    whole = {
        (token.start, token.start + len(token.source)) for token in parsed.tokens if TOKENS.get(token.key)
    }
    problems = []
    line, counted = 1, 0
    for match in _BROKEN.finditer(source):
        if match.span() in whole or not (spec := _meant(match.group(1))):
            continue
        line += source.count("\n", counted, match.start())
        counted = match.start()
        reason = "is a token that an editor has broken."
        problems.append(
            Problem(line, shortened(match.group()), reason, f"Write it as {spec.written()}.", field)
        )
    return problems


def _meant(inside: str) -> TokenSpec | None:
    return find(_TAG.sub("", inside).partition("|")[0])
