"""The fields of JSON objects, worked out from the tables by which forms and files are checked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from webapp.imports.cleaning import LONGEST_CELL, Clean, Cleaners
from webapp.offers.details import LONGEST_HTML

LISTS = {
    "tags": ",",
    "from_lines": "\n",
    "subject_lines": "\n",
}  # may come as a list; how a text separates them
WHOLE = ("daily_cap", "monthly_cap", "total_cap", "cap")
DAYS = ("start_date", "end_date")
AMOUNTS = ("payout",)
_HTML = ("description", "special_instructions")


@dataclass(frozen=True)
class Field:
    """`most` is the number of characters; `values` are what it may become, though other words for them are understood."""

    name: str
    label: str
    most: int
    example: object = None
    values: tuple[str, ...] = ()


def fields_of(
    labels: Mapping[str, str],
    cleaners: Cleaners,
    example: Mapping[str, object],
    values: Mapping[str, tuple[str, ...]],
) -> dict[str, Field]:
    """The fields by name, in the order of the labels."""
    return {
        name: Field(name, label, _most(name, cleaners[name]), example.get(name), values.get(name, ()))
        for name, label in labels.items()
    }


def texts(found: Mapping[str, Any], fields: Mapping[str, Field]) -> tuple[dict[str, str], dict[str, str]]:
    """The values of an object as a form or a file would give them, and a sentence for each that can't be one."""
    values: dict[str, str] = {}
    problems: dict[str, str] = {}
    for name, value in found.items():
        if name not in fields:
            problems[name[:60]] = unknown(name, fields)
            continue
        try:
            values[name] = _text(value, fields[name])
        except ValueError as error:
            problems[name] = str(error)
    return values, problems


def shown(name: str, text: str) -> object:
    """A stored text as JSON has it: lists as lists, whole numbers as numbers, nothing as null where no text is meant."""
    if name in LISTS:
        return text.split(LISTS[name]) if text else []
    if name in WHOLE:
        return int(text) if text else None
    return None if name in (*DAYS, *AMOUNTS) and not text else text


def unknown(name: str, known: Iterable[str]) -> str:
    """A sentence about a name that isn't one, with the nearest that is."""
    near = get_close_matches(name.lower().replace("-", "_"), list(known), n=1, cutoff=0.6)
    hint = f"Did you mean “{near[0]}”?" if near else f"Use {', '.join(known)}."
    return f"There is no field “{name[:60]}”. {hint}"


def _text(value: object, field: Field) -> str:
    if isinstance(value, list) and field.name in LISTS:
        text = LISTS[field.name].join(_text(each, field) for each in value[:1_000])
    elif value is None:
        text = ""
    elif isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        text = str(value)
    else:
        raise ValueError("This is neither a text nor a number. Send it as one of the two.")
    if len(text) > field.most:
        raise ValueError(f"The text has {len(text):,} characters. Shorten it to {field.most:,}.")
    if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("The text holds half a character (a lone surrogate). Send it as UTF-8.")
    return text


def _most(name: str, cleaner: Clean) -> int:
    if name in _HTML:
        return LONGEST_HTML
    return min(int(getattr(cleaner, "keywords", {}).get("most", LONGEST_CELL)), LONGEST_CELL)
