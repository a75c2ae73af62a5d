"""Blocks must hold whole elements: what begins inside one element and ends in another would break the mail of some recipients."""

from collections.abc import Iterator, Sequence
from itertools import count

from webapp.mail.compose.nesting import BLOCKS, CLOSED_BY, FENCES
from webapp.mail.tokens.conditions import Mark
from webapp.mail.tokens.markup import VOID, Comment, Piece, Raw, Tag, Words
from webapp.mail.tokens.parser import Use
from webapp.mail.tokens.places import Markers
from webapp.mail.tokens.problems import Problem, shortened

_PASSED = VOID | {"tbody"}  # every reader of HTML adds it where it was left out
Container = tuple[str, tuple[int, ...], tuple[str, ...]]
"""What kind of place it is, which one of it, and the names of the elements that are open there."""


def torn_blocks(
    source: str, pieces: Sequence[Piece], markers: Markers, uses: Sequence[Use]
) -> Iterator[Problem]:
    """The blocks whose parts do not stand in the same element, in the same attribute or in the same comment."""
    opened: list[tuple[Mark, Container]] = []
    for number, container in _Walk(source, markers).containers(pieces):
        mark = uses[number]
        assert isinstance(mark, Mark)
        if mark.opens:
            opened.append((mark, container))
            continue
        if not opened:
            return  # the parser has said so
        first, begun = opened[-1]
        if begun[:2] != container[:2]:
            yield _problem(first, begun, mark, container)
        if mark.word == "end":
            opened.pop()


def paths(parts: Sequence[str | int], uses: Sequence[Use]) -> dict[int, tuple[int, ...]]:
    """For each token by its number: the brackets of the blocks that it stands in."""
    found: dict[int, tuple[int, ...]] = {}
    path: tuple[int, ...] = ()
    for number in parts[1::2]:
        use = uses[int(number)]
        if not isinstance(use, Mark):
            found[int(number)] = path
        elif use.opens:
            path = (*path, int(number))
        elif use.word == "end":
            path = path[:-1]
        else:
            path = (*path[:-1], int(number))
    return found


def _problem(first: Mark, begun: Container, last: Mark, ended: Container) -> Problem:
    here, there = _where(begun), _where(ended)
    reason = f"begins {here}, and its {last.source} stands {there}."
    remedy = f"Put {first.source} before and {last.source} behind whole elements."
    inside, outside = ended[2], begun[2]
    if ended[0] == begun[0] == "between" and inside[: len(outside)] == outside and len(inside) > len(outside):
        remedy = f"Close <{inside[len(outside)]}> before {last.source}."
    return Problem(first.line, shortened(first.source), reason, remedy)


def _where(container: Container) -> str:
    kind, _, names = container
    if kind == "between":
        return f"inside <{names[-1]}>" if names else "outside of all elements"
    return {
        "attribute": "in an attribute",
        "comment": "in a comment",
        "outlook": "in a part for Outlook",
    }.get(kind, f"inside <{kind}>")


class _Walk:
    """Keeps the elements that are open: those that all see, and those that only Outlook sees."""

    def __init__(self, source: str, markers: Markers) -> None:
        self.source, self.markers = source, markers
        self.seen: list[tuple[str, int]] = []
        self.outlook: list[tuple[str, int]] = []
        self.numbers = count(1)
        self.region = 0

    def containers(self, pieces: Sequence[Piece]) -> Iterator[tuple[int, Container]]:
        """Each part of a block with where it stands, in order."""
        for piece in pieces:
            text = self.source[piece.start : piece.end]
            if isinstance(piece, Tag):
                yield from self._in_attributes(piece)
                self._enter(piece)
                continue
            if isinstance(piece, Comment) and text.startswith("<!--["):
                self.region = piece.start
            for number in self.markers.marks(text):
                yield number, self._container(piece, text)

    def _container(self, piece: Piece, text: str) -> Container:
        names = tuple(name for name, _ in self.seen)
        ids = tuple(self.seen[-1][1:] if self.seen else (0,)) + tuple(
            self.outlook[-1][1:] if self.outlook else (0,)
        )
        if isinstance(piece, Raw):
            return piece.name, (piece.start,), names
        if isinstance(piece, Comment) and not self.markers.comments.fullmatch(text):
            return "comment", (piece.start,), names
        if isinstance(piece, Words) and piece.conditional:
            return "outlook", (self.region, *ids), names
        return "between", ids, names

    def _in_attributes(self, tag: Tag) -> Iterator[tuple[int, Container]]:
        for attribute in tag.attributes:
            for number in self.markers.marks(self.source[attribute.start : attribute.end]):
                yield number, ("attribute", (tag.start, attribute.start), (tag.name,))

    def _enter(self, tag: Tag) -> None:
        opened = self.outlook if tag.conditional else self.seen
        if tag.name in _PASSED:
            return
        if tag.closing:
            _close(opened, tag.name)
            return
        ended = set(CLOSED_BY.get(tag.name, "").split()) | ({"p"} if tag.name in BLOCKS else set())
        while opened and opened[-1][0] in ended:
            opened.pop()
        opened.append((tag.name, next(self.numbers)))


def _close(opened: list[tuple[str, int]], name: str) -> None:
    for index in range(len(opened) - 1, -1, -1):
        if opened[index][0] == name:
            del opened[index:]
            return
        if opened[index][0] in FENCES:
            return
