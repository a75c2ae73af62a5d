"""What changed between two texts of a template, line by line."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from webapp.mail_templates.texts import Text

FIELDS = {"subject": "Subject", "preheader": "Preheader", "html": "HTML", "text": "Text part"}
AROUND = 3
MOST_LINES = 4000  # comparing is quadratic at worst


@dataclass(frozen=True)
class Line:
    """`sign` is "-" for what was, "+" for what is, " " for what stayed and "…" for a gap."""

    sign: str
    words: str


@dataclass(frozen=True)
class Difference:
    field: str
    lines: list[Line]


def differences(before: Text, after: Text) -> list[Difference]:
    """One for each field that changed."""
    changed = (name for name in FIELDS if getattr(before, name) != getattr(after, name))
    return [
        Difference(FIELDS[name], list(_lines(getattr(before, name), getattr(after, name))))
        for name in changed
    ]


def _lines(before: str, after: str) -> Iterator[Line]:
    was, now = before.splitlines(), after.splitlines()
    if was == now:
        yield Line("…", "Only the line ends differ.")
        return
    if len(was) + len(now) > MOST_LINES:
        yield Line("…", "Too long to be compared here. Export both to compare them.")
        return
    for number, group in enumerate(
        SequenceMatcher(None, was, now, autojunk=False).get_grouped_opcodes(AROUND)
    ):
        if number:
            yield Line("…", "")
        for kind, old, old_end, new, new_end in group:
            if kind == "equal":
                yield from (Line(" ", line) for line in was[old:old_end])
            else:
                yield from (Line("-", line) for line in was[old:old_end])
                yield from (Line("+", line) for line in now[new:new_end])
