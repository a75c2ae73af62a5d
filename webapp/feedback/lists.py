"""Reads lists of suppressed addresses and takes them in, some at a time, so that the sender never waits for long."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from webapp.desk import Desk
from webapp.errors import Invalid
from webapp.mail import suppressions

PAGE = 1_000
RISKY = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""A spreadsheet takes a cell that begins like this for a formula."""


@dataclass
class Taken:
    """How many were new, how many were barred already, and what was refused, line by line."""

    added: int = 0
    known: int = 0
    refused: list[str] = field(default_factory=list)


def take_in(desk: Desk, lines: Iterable[str]) -> Taken:
    """Bar every address of a list: one a line, or CSV with the columns of the export."""
    taken = Taken()
    chunk: list[dict[str, object]] = []
    for line, row in _rows(lines):
        try:
            chunk.append(suppressions.checked(row))
        except Invalid as error:
            taken.refused.append(f"Line {line}: {' '.join(error.problems.values())}")
        if len(chunk) == PAGE:
            _add(desk, chunk, taken)
            chunk = []
    _add(desk, chunk, taken)
    return taken


def harmless(cell: str) -> str:
    """A cell that a spreadsheet takes for text."""
    return f"'{cell}" if cell.startswith(RISKY) else cell


def _as_meant(cell: str) -> str:
    """What `harmless` was given: our own export comes back as it was."""
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(RISKY) else cell


def _add(desk: Desk, rows: list[dict[str, object]], taken: Taken) -> None:
    if rows:
        with desk.session() as session:
            new = suppressions.add_rows(session, rows)
        taken.added, taken.known = taken.added + new, taken.known + len(rows) - new


def _rows(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, row) of a list of addresses or of CSV with a heading."""
    names: list[str] = []
    for line, cells in _cells(lines):
        if not any(cell.strip() for cell in cells):
            continue
        if not names:
            names = [cell.strip().lower() for cell in cells] if "@" not in cells[0] else ["address"]
            if "@" not in cells[0]:
                continue
        yield line, {name: _as_meant(cell) for name, cell in zip(names, cells, strict=False)}


def _cells(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines)
    try:
        yield from enumerate(reader, 1)
    except csv.Error as error:  # more than 131,072 letters in a cell: its quotation mark never ends
        words = f"Line {reader.line_num} can’t be read: {error}. Correct it and import again; what came before it may be in."
        raise Invalid({"file": words}) from error
