"""Cells that no spreadsheet takes for a formula, and the way back."""

import re

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
