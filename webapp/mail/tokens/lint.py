"""Finds what is wrong with the tokens of a template: unknown, not available here, misplaced, or broken by an editor."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from webapp.mail.tokens.broken import broken_brackets, broken_name
from webapp.mail.tokens.catalogue import ABOUT_AN_OFFER, MESSAGE, TOKENS, Kind, available
from webapp.mail.tokens.conditions import Mark, valid_names
from webapp.mail.tokens.lists import LISTS
from webapp.mail.tokens.markup import Piece, Words, scan
from webapp.mail.tokens.nearest import nearest
from webapp.mail.tokens.parser import Parsed, Text, Token, Use, parse
from webapp.mail.tokens.places import REFUSED, Found, Markers, Place, locate
from webapp.mail.tokens.problems import MOST_PROBLEMS, Problem, shortened

Complaint = tuple[str, str]
"""What is wrong, and what to do."""


@dataclass(frozen=True, slots=True)
class MarkedUp:
    """An HTML text in which each token is a marker word and each part of a block a comment, ready to be taken apart."""

    source: str
    markers: Markers
    tokens: tuple[Use, ...]
    pieces: list[Piece]
    found: list[Found]

    def line_at(self, position: int) -> int:
        """The line of the text as it was written on which a position of the marked text is."""
        before = self.source[:position]
        inside = sum(self.tokens[number].source.count("\n") for number in self.markers.numbers(before))
        return before.count("\n") + inside + 1


def kinds_of(uses: tuple[Use, ...]) -> dict[int, Kind]:
    """The kind of each token by its number; an unknown one counts as text."""
    specs = (TOKENS.get(use.key) if isinstance(use, Token) else None for use in uses)
    return {number: spec.kind if spec else Kind.TEXT for number, spec in enumerate(specs)}


def lint_text(source: str, field: str, context: str = MESSAGE) -> list[Problem]:
    """What is wrong with the tokens of a field without markup: a subject, a preheader."""
    parsed = parse(source, field)
    problems = [*parsed.problems, *_names(parsed, field, context)]
    return [*problems, *_broken(source, parsed, field)][:MOST_PROBLEMS]


def lint_html(source: str, context: str = MESSAGE, field: str = "html") -> list[Problem]:
    """What is wrong with the tokens of an HTML text, in the order of its lines."""
    parsed = parse(source, field)
    if not parsed.nodes:
        return list(parsed.problems)
    problems = [*parsed.problems, *_names(parsed, field, context)]
    problems += _broken(source, parsed, field)
    problems += _misplaced(mark_up(parsed), field)
    return sorted(problems, key=lambda problem: problem.line)[:MOST_PROBLEMS]


def mark_up(parsed: Parsed) -> MarkedUp:
    """Put a marker in the place of each token and find out where each of them stands."""
    markers, uses = Markers(), parsed.uses
    words = [
        markers.write(number) if isinstance(use, Token) else markers.mark(number)
        for number, use in enumerate(uses)
    ]
    source = _joined(parsed, words)
    pieces = list(scan(source))
    if not all(isinstance(use, Token) for use in uses):
        for number in _between_tags(source, pieces, markers):
            words[number] = markers.comment(number)
        source = markers.bare_comments(_joined(parsed, words))
        pieces = list(scan(source))
    return MarkedUp(source, markers, uses, pieces, locate(source, pieces, markers, kinds_of(uses)))


def _joined(parsed: Parsed, words: list[str]) -> str:
    following = iter(words)
    return "".join(node.source if isinstance(node, Text) else next(following) for node in parsed.nodes)


def _between_tags(source: str, pieces: list[Piece], markers: Markers) -> Iterator[int]:
    """The parts of blocks that become comments: words there would be moved out of tables by every reader of HTML."""
    for piece in pieces:
        if isinstance(piece, Words) and not piece.conditional:
            yield from markers.marks(source[piece.start : piece.end])


def _broken(source: str, parsed: Parsed, field: str) -> Iterator[Problem]:
    whole = {(use.start, use.start + len(use.source)) for use in parsed.uses}
    return islice(broken_brackets(source, whole, field), MOST_PROBLEMS)


def _names(parsed: Parsed, field: str, context: str) -> Iterator[Problem]:
    opened: list[Mark] = []
    for use in parsed.uses:
        if isinstance(use, Mark):
            if use.opens:
                opened.append(use)
            elif use.word == "end" and opened:
                opened.pop()
        lists = [LISTS[mark.list_key] for mark in opened if mark.list_key]
        items = lists[-1].tokens if lists else frozenset[str]()
        if complaint := _complaint(use, field, context, items):
            yield (
                complaint
                if isinstance(complaint, Problem)
                else Problem(use.line, shortened(use.source), *complaint, field)
            )


def _complaint(use: Use, field: str, context: str, items: frozenset[str]) -> Complaint | Problem | None:
    if isinstance(use, Mark):
        return _of_mark(use, context, items)
    if use.key in TOKENS:
        return None if use.key in items else _unavailable(use.key, context)
    return broken_name(use, field) or _unknown(use, context)


def _of_mark(mark: Mark, context: str, items: frozenset[str]) -> Complaint | None:
    if mark.list_key:
        return _unavailable_list(mark.list_key, context)
    if mark.condition is None or mark.condition.key in items:
        return None
    if mark.condition.key in LISTS and mark.condition.wanted is None:
        return _unavailable_list(mark.condition.key, context)
    if mark.condition.key in TOKENS:
        return _unavailable(mark.condition.key, context)
    best = nearest(mark.condition.name, valid_names())
    return (
        "asks for something that is not a token.",
        f"Did you mean {best}?" if best else "Choose a token from the list.",
    )


def _unavailable_list(key: str, context: str) -> Complaint | None:
    if context in LISTS[key].valid_in:
        return None
    return "is a list that this kind of mail does not have.", "Remove it."


def _unavailable(key: str, context: str) -> Complaint | None:
    spec = TOKENS[key]
    if context in spec.valid_in:
        return None
    if spec.valid_in <= ABOUT_AN_OFFER and context == MESSAGE:
        return (
            "belongs to an offer, and this mail is not about one.",
            "Remove it, send the mail about an offer, or put it between [=each Offers=] and [=end=].",
        )
    return "is not available in this kind of mail.", "Remove it."


def _unknown(token: Token, context: str) -> Complaint:
    if not token.key:
        return "has no name.", "Write a name between the brackets, for example [=Affiliate.FirstName=]."
    if token.key in LISTS:
        name = LISTS[token.key].name
        return "is a list.", f"Write [=each {name}=], what is said of each, and [=end=]."
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
        use = marked.tokens[found.number]
        words = REFUSED.get(found.place)
        if words and isinstance(use, Mark):
            words = words[0], "Put the block around the whole element instead."
        elif isinstance(use, Token):
            words = _curly(marked, found) or words or _unfit(use, found.place)
        if words:
            problems.append(Problem(use.line, shortened(use.source), *words, field))
    return problems


def _curly(marked: MarkedUp, found: Found) -> Complaint | None:
    """An editor that makes quotes pretty makes the link of an attribute begin with one."""
    if found.bare is None or marked.source[found.bare[0]] not in "“”„‘’″′":
        return None
    return "stands in an attribute with curly quotes.", 'Write straight ones: "…".'


def _unfit(token: Token, place: Place) -> Complaint | None:
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
