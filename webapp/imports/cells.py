"""Tables for spreadsheets: cells that none takes for a formula, and the way back."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from webapp.imports.plan import Refused

# What a spreadsheet begins a formula with, full-width variants included. A cell that already begins with quotes before
# such a sign gets one more, so that taking one off is always right.
_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
_GUARDED = re.compile(r"'+[=+\-@\t\r＝＋－＠]")


def guarded(cell: str) -> str:
    """The cell for an export: `=1+1` becomes `'=1+1`."""
    return "'" + cell if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """The cell as it was before `guarded`."""
    return cell[1:] if _GUARDED.match(cell) else cell


def refusals(found: "Iterable[Refused]", *, header: bool = True) -> Iterator[str]:
    """Rows that stayed out, as CSV."""
    if header:
        yield as_csv([("line", "column", "in_the_file", "why_not")])
    for each in found:
        yield as_csv([(str(each.line), each.field, each.value, each.reason)])


def as_csv(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV: every cell quoted and guarded, CRLF at the end of each."""
    text = StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return text.getvalue()
