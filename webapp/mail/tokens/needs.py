"""Which values a text needs, and of whom: a token inside a block is needed only by those who see the block."""

from webapp.mail.tokens.conditions import Condition, Mark
from webapp.mail.tokens.lists import LISTS
from webapp.mail.tokens.parser import Parsed, Text, Token

Guards = tuple[tuple[Condition, bool], ...]
"""Conditions with the answers under which the token is shown; none when everybody sees it."""


def needs(parsed: Parsed) -> dict[str, list[Guards]]:
    """The keys of tokens without a default, each with the guards of every place where it is used."""
    found: dict[str, list[Guards]] = {}
    opened: list[tuple[Mark, bool]] = []
    for node in parsed.nodes:
        if isinstance(node, Token):
            items = [LISTS[mark.list_key].tokens for mark, _ in opened if mark.list_key]
            if not node.default and not any(node.key in keys for keys in items):
                found.setdefault(node.key, []).append(_guards(opened))
        elif not isinstance(node, Text):
            _walk(node, opened)
    return found


def for_everybody(parsed: Parsed) -> set[str]:
    """The keys of tokens that every recipient sees."""
    opened: list[tuple[Mark, bool]] = []
    found = set()
    for node in parsed.nodes:
        if isinstance(node, Token):
            found |= set() if opened else {node.key}
        elif not isinstance(node, Text):
            _walk(node, opened)
    return found


def _walk(mark: Mark, opened: list[tuple[Mark, bool]]) -> None:
    if mark.opens:
        opened.append((mark, True))
    elif opened:
        first, _ = opened.pop()
        if mark.word == "else":
            opened.append((first, False))


def _guards(opened: list[tuple[Mark, bool]]) -> Guards:
    return tuple((mark.condition, shown) for mark, shown in opened if mark.condition is not None)
