"""What every cell is asked, whoever brings it: a form, a file or the command line."""

import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime

from webapp.errors import Invalid

LONGEST_CELL = 10_000
_DATES = ("%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y")

Clean = Callable[[str], str]
Cleaners = Mapping[str, Clean]


class Refusal(ValueError):
    """One value that can't be taken; the text says why and what to do."""


def clean(values: Mapping[str, str], cleaners: Cleaners) -> dict[str, str]:
    """The values as they are stored; only the fields that were given. Raises `Invalid` with every problem at once."""
    cleaned, problems = tidy(values, cleaners)
    if problems:
        raise Invalid(problems)
    return cleaned


def tidy(values: Mapping[str, str], cleaners: Cleaners) -> tuple[dict[str, str], dict[str, str]]:
    """The same for those who go on in spite of problems: what is fine, and the sentence for each field that isn't."""
    cleaned: dict[str, str] = {}
    problems: dict[str, str] = {}
    for field, value in values.items():
        try:
            cleaned[field] = cleaners[field](value)
        except Refusal as refusal:
            problems[field] = str(refusal)
    return cleaned, problems


def line(value: str, *, most: int, what: str) -> str:
    """Text on one line, without outer blanks."""
    value = value.strip()
    if len(value) > most:
        raise Refusal(f"The {what} has {len(value):,} characters. Shorten it to {most}.")
    if not value.isprintable() and any(unicodedata.category(sign) in ("Cc", "Zl", "Zp") for sign in value):
        raise Refusal(f"The {what} contains a line break or control character. Type it again on one line.")
    return value


def text(value: str, *, most: int, what: str) -> str:
    """Text of several lines, each ended by a plain line break."""
    value = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(value) > most:
        raise Refusal(f"The {what} has {len(value):,} characters. Shorten it to {most:,}.")
    if not value.isprintable() and any(
        unicodedata.category(sign) == "Cc" and sign not in "\n\t" for sign in value
    ):
        raise Refusal(f"The {what} contains a control character. Type it again.")
    return value


def day(value: str, *, what: str) -> str:
    """A day as YYYY-MM-DD, or ""."""
    value = value.strip()
    if not value:
        return ""
    try:
        return datetime.fromisoformat(value).date().isoformat()
    except ValueError:
        pass
    for shape in _DATES:
        try:
            return datetime.strptime(value.split(" ")[0], shape).date().isoformat()
        except ValueError:
            continue
    raise Refusal(f"“{value[:40]}” is no day for the {what}. Write it as YYYY-MM-DD, like 2027-01-31.")
