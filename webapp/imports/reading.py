"""Reads a table of text, row by row and in constant memory: finds out its encoding and delimiter, survives bad rows."""

import codecs
import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from webapp.errors import Invalid
from webapp.imports.cleaning import LONGEST_CELL
from webapp.imports.kinds import Columns
from webapp.imports.mapping import guess

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
MOST_COLUMNS = 200
MOST_ROWS = 1_000_000
LONGEST_LINE = 128 * 1024
LONGEST_RECORD = 1_000  # lines; more, and a quote was opened that nobody closes
_CHUNK = 256 * 1024

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)


@dataclass(frozen=True)
class Table:
    """A file that can be read: how, and the names of its columns."""

    path: Path
    encoding: str
    encoding_name: str
    delimiter: str
    header: tuple[str, ...]

    @property
    def words(self) -> str:
        return f"{self.encoding_name} with {DELIMITERS[self.delimiter]}"


@dataclass(frozen=True)
class Row:
    """One row: the line it begins on, its cells; or `problem`, when it can't be cut into cells."""

    line: int
    cells: list[str]
    problem: str = ""


@dataclass
class _Lines:
    """The file's lines, with those of a record that went wrong given back."""

    file: TextIOWrapper
    number: int = 0
    record: list[str] = field(default_factory=list)
    given_back: deque[str] = field(default_factory=deque)

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self.record) >= LONGEST_RECORD:
            raise csv.Error("unexpected end of data")
        line = self.given_back.popleft() if self.given_back else self.file.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.record.append(line)
        if len(line) == LONGEST_LINE and not line.endswith(("\n", "\r")):
            self._skip_rest()
            raise csv.Error("line too long")
        return line

    def begin(self) -> int:
        """Count the lines of the record before; the number of the line on which the next one begins."""
        self.number += len(self.record)
        self.record.clear()
        return self.number + 1

    def give_back_all_but_first(self) -> None:
        self.given_back.extendleft(reversed(self.record[1:]))
        del self.record[1:]

    def _skip_rest(self) -> None:
        while (rest := self.file.readline(LONGEST_LINE)) and not rest.endswith(("\n", "\r")):
            pass


def open_table(path: Path, columns: Columns) -> Table:
    """Find out how a file is to be read; raises `Invalid` for `file` when it can't be."""
    try:
        with path.open("rb") as file:
            encoding, name = _encoding(file)
    except OSError as error:
        raise Invalid({"file": f"{path} can't be read: {error.strerror}. Check the name."}) from error
    delimiter, header = _head(path, encoding, columns)
    if len(header) > MOST_COLUMNS:
        words = f"The first line has {len(header)} columns, more than {MOST_COLUMNS}. Leave out what isn't needed."
        raise Invalid({"file": words})
    return Table(path, encoding, name, delimiter, tuple(cell.strip() for cell in header))


def rows(table: Table) -> Iterator[Row]:
    """The rows below the header. Blank lines are passed over; a row that can't be cut carries its problem."""
    found = _records(table.path, table.encoding, table.delimiter)
    next(found, None)
    width = len(table.header)
    for count, row in enumerate(found, 1):
        if count > MOST_ROWS:
            yield Row(
                row.line, [], f"The file has more than {MOST_ROWS:,} rows. Split it and import the parts."
            )
            return
        yield _checked(row, width)


def first_rows(table: Table, count: int) -> list[list[str]]:
    """The cells of the first rows, to show what a column holds."""
    return [row.cells for row in islice(rows(table), count) if not row.problem]


def _checked(row: Row, width: int) -> Row:
    cells = row.cells
    if len(cells) > width and any(cells[width:]):
        words = f"The row has {len(cells)} cells, the header {width}. Put cells that contain the delimiter in quotes."
        return Row(row.line, cells[:width], words)
    for cell in cells:
        if len(cell) > LONGEST_CELL:
            words = f"A cell has {len(cell):,} characters. Shorten it to {LONGEST_CELL:,}."
            return Row(row.line, [each[:100] for each in cells[:width]], words)
    # Spreadsheets leave empty cells at the end of a row out.
    return Row(row.line, [*cells[:width], *[""] * (width - len(cells))], row.problem)


def _records(path: Path, encoding: str, delimiter: str) -> Iterator[Row]:
    with path.open(encoding=encoding, newline="", errors="strict") as file:
        lines = _Lines(file)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            begins = lines.begin()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                words = _words(str(error), len(lines.record))
                reader = csv.reader(lines, delimiter=delimiter, strict=True)
                lines.give_back_all_but_first()
                yield Row(begins, [lines.record[0][:100].strip()], words)
                continue
            if any(cells):
                yield Row(begins, cells)


def _words(error: str, lines: int) -> str:
    if lines == 1 and ("line too long" in error or "field larger" in error):
        return f"The line is longer than {LONGEST_LINE:,} characters. Shorten it."
    if lines > 1 or "unexpected end" in error:
        return "A quote is opened and never closed. Close it, or double a quote that belongs to the text."
    return "A quoted cell goes on after its closing quote. Double a quote that belongs to the text."


def _encoding(file: BinaryIO) -> tuple[str, str]:
    start = file.read(8)
    if start.startswith(b"PK\x03\x04"):
        raise Invalid({"file": "This is a spreadsheet. Save it as CSV (UTF-8) there and upload that file."})
    for bom, encoding, name in _BOMS:
        if start.startswith(bom):
            _decodes(file, encoding, name)
            return encoding, name
    if not start.strip():
        file.seek(0)
        if not file.read(_CHUNK).strip():
            raise Invalid({"file": "The file is empty. Choose one with a header line and rows below it."})
    return _without_bom(file)


def _without_bom(file: BinaryIO) -> tuple[str, str]:
    possible = {"utf-8": "UTF-8", "cp1252": "Windows-1252"}
    decoders = {encoding: codecs.getincrementaldecoder(encoding)() for encoding in possible}
    file.seek(0)
    while True:
        chunk = file.read(_CHUNK)
        if b"\x00" in chunk:
            words = (
                "This is no text, or UTF-16 without its mark. Save it as CSV (UTF-8) and upload that file."
            )
            raise Invalid({"file": words})
        for encoding in list(possible):
            try:
                decoders[encoding].decode(chunk, final=not chunk)
            except UnicodeDecodeError:
                del possible[encoding]
        if not possible:
            raise Invalid({"file": _NEITHER})
        if not chunk:
            return next(iter(possible.items()))


_NEITHER = "The letters are neither UTF-8 nor Windows-1252. Save the file as CSV (UTF-8) and upload that."


def _decodes(file: BinaryIO, encoding: str, name: str) -> None:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        words = f"The file says that it is {name}, but has bytes that aren't. Save it as CSV (UTF-8) again."
        raise Invalid({"file": words}) from error


def _head(path: Path, encoding: str, columns: Columns) -> tuple[str, list[str]]:
    """The delimiter under which the first row names most fields we know, else has most cells; comma when in doubt."""
    best: tuple[tuple[int, int], str, list[str]] | None = None
    for delimiter in DELIMITERS:
        first = next(_records(path, encoding, delimiter), None)
        if first is None or first.problem:
            continue
        worth = (len(guess(first.cells, columns)), len(first.cells))
        if best is None or worth > best[0]:
            best = (worth, delimiter, first.cells)
    if best is None:
        raise Invalid({"file": "The first line can't be read as a header. It must name the columns."})
    return best[1], best[2]
