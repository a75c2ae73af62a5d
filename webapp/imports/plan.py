"""Decides what each row of a file would do, a batch at a time: add, change, leave alone, or stay out and why."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from webapp.imports.cells import unguarded
from webapp.imports.kinds import Mapped
from webapp.imports.reading import Row
from webapp.imports.seen import Seen

Values = dict[str, str]


@dataclass(frozen=True)
class Importer:
    """Who imports, as far as rights go. `own` is the id of a user who may only touch what he manages."""

    own: int | None = None
    may_add: bool = True
    may_change: bool = True
    expects: bool = False  # a dry run of several lists: what a row refers to would be there by then
    counted: str = "Line"  # what a row is called: a line of a file, or an item of a list


@dataclass(frozen=True)
class Refused:
    """Why a row stays out: the field, what the file says there, the sentence."""

    line: int
    field: str
    value: str
    reason: str


@dataclass(frozen=True)
class Change:
    """One field of one thing, before and after; `name` and `number` tell people which."""

    line: int
    name: str
    number: str
    field: str
    before: str
    after: str


@dataclass
class Batch:
    """What a batch of rows comes to. `added` and `changed` are cleaned values by field; `changed` begins with the key."""

    rows: int = 0
    added: list[Values] = field(default_factory=list)
    changed: list[tuple[Any, Values]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    same: int = 0
    refused: list[Refused] = field(default_factory=list)
    refused_rows: int = 0
    refused_stored: int = 0  # of these, how many are things that we have
    old_addresses: list[str] = field(default_factory=list)  # what changed rows were mailed at until now
    new_lines: list[int] = field(default_factory=list)  # the lines of `added`

    def add(self, line: int, values: Values) -> None:
        """Note a row as something that we don't have yet."""
        self.added.append(values)
        self.new_lines.append(line)

    def refuse(self, line: int, problems: Mapping[str, str], said: Mapping[str, str]) -> None:
        """Note that a row stays out: a sentence for each field, and what the file says there."""
        self.refused += [Refused(line, name, said.get(name, "")[:100], why) for name, why in problems.items()]
        self.refused_rows += 1


@dataclass(frozen=True)
class Before:
    """The stored thing that a row is about: its key, who it is in words, its values by field."""

    key: Any
    name: str
    number: str
    values: Mapping[str, str]


class Planner(ABC):
    """Remembers what earlier rows of the same file said; call `plan` with one batch after the other."""

    def __init__(self, session: Session, mapping: Mapped, importer: Importer, seen: Seen) -> None:
        self.mapping, self.importer, self.seen = mapping, importer, seen
        self.refresh(session)

    @abstractmethod
    def refresh(self, session: Session) -> None:
        """Read (again) what rows may refer to: groups, users."""

    @abstractmethod
    def tidy(self, raw: Values) -> tuple[Values, dict[str, str]]:
        """The cleaned values of a row, and a sentence for each field that can't be taken."""

    @abstractmethod
    def doubled(self, line: int, values: Values) -> dict[str, str]:
        """Note what the row is about; a problem when an earlier line was about the same."""

    @abstractmethod
    def place(self, session: Session, rows: Sequence[tuple[Row, Values]], batch: Batch) -> None:
        """Sort readable rows into the batch with one look at what is stored."""

    @abstractmethod
    def write(self, session: Session, batch: Batch) -> None:
        """Store what a batch adds and changes."""

    def count_refused(self, session: Session, rows: Sequence[Row], lines: set[int]) -> int:
        """How many of the rows on these lines, refused as they are, name something that we have."""
        return 0

    def remarks(self, session: Session, batch: Batch) -> dict[str, int]:
        """Counts that a person should see before the import, by name."""
        return {}

    def plan(self, session: Session, rows: Sequence[Row]) -> Batch:
        """Compare a batch with what is stored. Writes nothing."""
        batch = Batch(rows=len(rows))
        readable = [(row, values) for row in rows if (values := self.read(row, batch)) is not None]
        if batch.refused:
            batch.refused_stored = self.count_refused(session, rows, {each.line for each in batch.refused})
        self.place(session, readable, batch)
        return batch

    def read(self, row: Row, batch: Batch) -> Values | None:
        """The cleaned values of a row; None after noting in `batch` why it stays out."""
        if row.problem:
            batch.refuse(row.line, {"": row.problem}, {"": ", ".join(row.cells)})
            return None
        raw = {name: unguarded(row.cells[number]) for name, number in self.mapping.items()}
        values, problems = self.tidy(raw)
        problems = problems or self.doubled(row.line, values)
        if problems:
            batch.refuse(row.line, problems, raw)
            return None
        return values


def compare(row: Row, values: Values, before: Before, batch: Batch) -> list[str]:
    """Note a row as changed or the same; the fields that differ."""
    differing = [name for name, value in values.items() if value != before.values[name]]
    if not differing:
        batch.same += 1
        return []
    batch.changed.append((before.key, values))
    for name in differing:
        was, becomes = before.values[name][:200], values[name][:200]
        batch.changes.append(Change(row.line, before.name, before.number, name, was, becomes))
    return differing


def cells_of(rows: Iterable[Row], lines: set[int], column: int) -> set[str]:
    """What these rows say in one column, as far as they can be read."""
    found = {unguarded(row.cells[column]).strip() for row in rows if row.line in lines and not row.problem}
    return found - {""}
