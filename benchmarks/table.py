"""Tables: what a measure found, as text for the terminal and as Markdown for the page."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Table:
    """`goal` lines say what was to be reached and whether it was; `notes` what a reader must know."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    goals: list["Goal"] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, *cells: object) -> None:
        self.rows.append([str(cell) for cell in cells])


@dataclass(frozen=True)
class Goal:
    """`reached` is the measured figure over the goal, so that 1 or more is good and the smallest is the worst."""

    words: str
    measured: str
    reached: float

    @property
    def line(self) -> str:
        return f"{'reached' if self.reached >= 1 else 'MISSED'}: {self.words}; measured {self.measured}"


def at_least(words: str, measured: float, goal: float, unit: str = "") -> Goal:
    return Goal(words, f"{number(measured)}{unit}", measured / goal)


def at_most(words: str, measured: float, goal: float, unit: str = "") -> Goal:
    return Goal(words, f"{number(measured)}{unit}", goal / measured if measured else 10.0)


def number(value: float) -> str:
    """As many digits as mean something."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"


def as_text(table: Table) -> str:
    """For a terminal."""
    rows = [list(table.columns), *table.rows]
    widths = [max(len(row[place]) for row in rows) for place in range(len(table.columns))]
    lines = ["", table.title, "-" * len(table.title)]
    for row in rows:
        first, *rest = (
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join((first, *rest)))
    lines += [f"  {goal.line}" for goal in table.goals]
    lines += [f"  {note}" for note in table.notes]
    return "\n".join(lines)


def as_markdown(table: Table) -> str:
    """For the page."""
    head = "| " + " | ".join(table.columns) + " |"
    rule = "|" + "|".join([" --- ", *[" ---: "] * (len(table.columns) - 1)]) + "|"
    rows = ["| " + " | ".join(row) + " |" for row in table.rows]
    goals = [f"- {goal.line}" for goal in table.goals]
    notes = [f"\n{note}" for note in table.notes]
    return "\n".join([f"## {table.title}", "", head, rule, *rows, "", *goals, *notes, ""])
