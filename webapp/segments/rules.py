"""What a segment says: rules joined by AND inside a group, groups by OR, and groups that are left out again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_GROUPS, MOST_RULES, MOST_VALUES, LONGEST_VALUE = 10, 10, 50, 200


@dataclass(frozen=True)
class Rule:
    """One line: a field of `fields.FIELDS`, one of its words, and the values that it is compared with (none, one, or some)."""

    field: str
    op: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """Affiliates that meet every rule. `minus`: they are left out."""

    rules: tuple[Rule, ...] = ()
    minus: bool = False


Groups = tuple[Group, ...]
"""Whoever is in one of the groups and in none of the `minus` ones; without any other group, everybody but those."""


def as_plain(groups: Sequence[Group]) -> list[dict[str, Any]]:
    """As it is stored."""
    return [
        {
            "minus": group.minus,
            "rules": [{"field": r.field, "op": r.op, "values": list(r.values)} for r in group.rules],
        }
        for group in groups
    ]


def from_plain(stored: Sequence[Mapping[str, Any]]) -> Groups:
    """What `as_plain` wrote."""
    return tuple(
        Group(
            tuple(Rule(one["field"], one["op"], tuple(one["values"])) for one in group["rules"]),
            bool(group["minus"]),
        )
        for group in stored
    )
