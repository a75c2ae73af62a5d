"""Whether each block that is begun is ended."""

from collections.abc import Iterable, Iterator

from webapp.mail.tokens.conditions import Mark

DEEPEST = 5
Unbalanced = tuple[Mark, str, str]
"""The bracket, what is wrong with it, and what to do."""


def unbalanced(marks: Iterable[Mark]) -> Iterator[Unbalanced]:
    """Every bracket that has no partner or stands too deep."""
    opened: list[Mark] = []
    halved: set[int] = set()
    for mark in marks:
        if mark.opens:
            yield from _opening(mark, opened)
            opened.append(mark)
        elif not opened:
            yield mark, "has no [=if …=] or [=each …=] before it.", "Remove it, or begin the block."
        elif mark.word == "end":
            halved.discard(opened.pop().start)
        elif opened[-1].word == "each":
            yield (
                mark,
                "stands in a list; only conditions have an else.",
                "Close the condition after it, or remove it.",
            )
        elif opened[-1].start in halved:
            yield mark, "is the second of its condition.", "Remove one of the two."
        else:
            halved.add(opened[-1].start)
    for mark in opened:
        yield mark, "begins a block that is never ended.", "Write [=end=] where it ends."


def _opening(mark: Mark, opened: list[Mark]) -> Iterator[Unbalanced]:
    if len(opened) == DEEPEST:
        yield mark, f"stands in more than {DEEPEST} blocks.", "Use fewer conditions inside each other."
    if mark.word == "each" and any(one.word == "each" for one in opened):
        yield mark, "stands inside another list.", "End that one before it with [=end=]."
