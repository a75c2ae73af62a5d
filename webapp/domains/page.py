"""A stored check as its page draws it: grouped, the worst first, with a sentence that answers why the person came."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from webapp.domains.models import DomainCheck
from webapp.domains.rules.table import GROUPS, RULES
from webapp.verdict import WORST_FIRST

WORDS = {"pass": "Ready", "warn": "Advice", "unknown": "Unknown", "n/a": "Not needed"}


@dataclass(frozen=True)
class Row:
    result: dict[str, Any]
    state: str  # the class of the badge
    word: str
    open: bool


@dataclass(frozen=True)
class Group:
    title: str
    summary: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class View:
    kind: str  # of the banner
    badge: str
    badge_state: str
    title: str
    words: str
    first: Sequence[Row]
    groups: Sequence[Group]


def shown(made: DomainCheck) -> View:
    rows = sorted(
        (_row(one) for one in made.results), key=lambda row: WORST_FIRST.index(row.result["verdict"])
    )
    groups = [_group(title, [row for row in rows if _group_of(row) == title]) for title in GROUPS]
    first = [row for row in rows if row.result["verdict"] == "fail"]
    first.sort(key=lambda row: not row.result["blocking"])
    kind, badge, state = _standing(made)
    return View(
        kind, badge, state, _title(made), _words(first), first[:3], [one for one in groups if one.rows]
    )


def _standing(made: DomainCheck) -> tuple[str, str, str]:
    if made.failed:
        return "bad", "Not ready", "fail"
    if made.warned:
        return "warn", "Ready, with advice", "warn"
    return ("unknown", "Partly unknown", "unknown") if made.unknown > 6 else ("ok", "Ready", "pass")


def _row(result: dict[str, Any]) -> Row:
    verdict = result["verdict"]
    word = WORDS.get(verdict, "")
    if verdict == "fail":
        word = "Missing" if result["records"] and not result["records"][0]["replaces"] else "Change"
    if verdict == "warn" and result["records"] and result["records"][0]["replaces"]:
        word = "Change"
    return Row(result, "na" if verdict == "n/a" else verdict, word, verdict == "fail")


def _group_of(row: Row) -> str:
    rule = RULES.get(row.result["id"])
    return rule.group if rule else GROUPS[-1]


def _group(title: str, rows: Sequence[Row]) -> Group:
    names = {"fail": "to fix", "warn": "with advice", "unknown": "unknown", "pass": "ready"}
    counts = [(sum(row.result["verdict"] == one for row in rows), word) for one, word in names.items()]
    return Group(title, " · ".join(f"{count} {word}" for count, word in counts if count), rows)


def _title(made: DomainCheck) -> str:
    if made.failed:
        return "One thing is to be fixed" if made.failed == 1 else f"{made.failed} things are to be fixed"
    if made.warned:
        return f"Nothing stands in the way; {made.warned} {'thing' if made.warned == 1 else 'things'} could be better"
    return "Nothing stands in the way of your mail"


def _words(first: Sequence[Row]) -> str:
    blocking = [row.result["title"] for row in first if row.result["blocking"]]
    if blocking:
        return f"Begin with {blocking[0]}: Gmail, Yahoo and Microsoft refuse or hide bulk mail without it."
    return "What is to be done stands below, ready to paste." if first else ""
