"""The JSON of a request: bounded, understood in one way only."""

import json
from collections.abc import Mapping
from typing import Any

from flask import request

from webapp.errors import Invalid
from webapp.web.problems import Problem

LARGEST = 8 * 1024 * 1024
MOST_ITEMS = 1_000
KINDS = ("application/json", "application/merge-patch+json")


def raw() -> bytes:
    """What was sent, as it was sent; 413 when it is too much."""
    request.max_content_length = LARGEST
    return request.get_data()


def read() -> Any:
    """What was sent. Numbers with a fraction stay the text that they were: money is never a floating point number."""
    if request.mimetype not in KINDS:
        words = (
            f"The body is “{request.mimetype[:60]}”. Send JSON and say so: “Content-Type: application/json”."
        )
        raise Problem(415, "media-type", "No JSON", words)
    try:
        return json.loads(
            raw(), parse_float=str, parse_constant=_no_number, object_pairs_hook=_each_name_once
        )
    except (ValueError, RecursionError) as error:
        told = str(error).splitlines()[0][:200] if isinstance(error, ValueError) else "nested too deeply"
        words = f"The JSON can’t be read: {told}. Correct it and send it again."
        raise Problem(400, "json", "No JSON", words) from error


def objects() -> tuple[list[Any], bool]:
    """What was sent as a list, and whether it came as one; each item still has to be an object."""
    found = read()
    return (items(found), True) if isinstance(found, list) else ([one_of(found)], False)


def item() -> Mapping[str, Any]:
    """One object."""
    return one_of(read())


def one_of(found: object) -> Mapping[str, Any]:
    """The object that this is; `Invalid` for anything else."""
    if not isinstance(found, dict):
        raise Invalid({"": "This is no object. Send one like {…}."})
    return found


def items(found: list[Any]) -> list[Any]:
    """The list, if it isn't empty and not too long."""
    if not found:
        raise Invalid({"": "The list is empty. Send at least one item."})
    if len(found) > MOST_ITEMS:
        raise Invalid({"": f"The list has {len(found):,} items. Send {MOST_ITEMS:,} at once at most."})
    return found


def _no_number(told: str) -> None:
    raise ValueError(f"{told} is no number")


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name “{twice[:60]}” stands twice in an object")
    return found
