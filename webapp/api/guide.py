"""The description of the API for people: what the page of the program and docs/api.md show."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from webapp.api import kept
from webapp.api.body import LARGEST, MOST_ITEMS
from webapp.api.document import REFUSALS
from webapp.api.examples import Example, examples
from webapp.api.fields import Field
from webapp.api.keyring import A_MINUTE
from webapp.api.mails import SUPPRESSION
from webapp.api.once import HEADER
from webapp.api.operations import Operation, operations
from webapp.api.resources import RESOURCES
from webapp.api.schemas import schemas, words

HOURS = int(kept.KEPT.total_seconds() // 3600)
RULES = (
    (
        "Keys",
        "Make one under Account → API keys, for one program and no more scopes than it needs. It is shown once. It works "
        "with the rights of its owner: what he may not change by a form or a file, his key may not either, and it stops when"
        " he may not manage APIs any more. Send it as “Authorization: Bearer opk_…”. A session or a cookie opens nothing "
        "here.",
    ),
    (
        "Lists",
        f"POST takes one object, or a list of up to {MOST_ITEMS:,} in at most {LARGEST // 1024 // 1024} MB. Of a list, each "
        "item has a result: added, changed, same or refused. What is refused stays out, the others count. Sending the same "
        "again changes nothing.",
    ),
    (
        "Asking once",
        f"Give each request that changes something a name of its own in the header {HEADER}, like a UUID. When the line "
        f"breaks, send it again under the same name: within {HOURS} hours it is not done again, and the answer is the same, "
        "with the header Idempotent-Replayed. Another body under that name is refused with 422, and while the first is still"
        " being worked on the answer is 409.",
    ),
    (
        "Pages",
        "A list comes in pages of “limit” items. Send the value of “next” as “after” for the following page; at the end it "
        "is null.",
    ),
    (
        "Refusals",
        "A refusal is a problem document (RFC 9457, application/problem+json). “errors” names each field with the reason and"
        " what to do. “type” tells problems apart: it begins with urn:problem-type:offerpost: and ends with a word such as "
        "invalid, scope or pace.",
    ),
    (
        "Pace",
        f"A key may ask {A_MINUTE} times a minute. Beyond that the answer is 429, and Retry-After says how many seconds to "
        "wait.",
    ),
)


@dataclass(frozen=True)
class Section:
    """An operation with its fields and examples."""

    operation: Operation
    fields: tuple[tuple[str, str, bool], ...]  # name, what it is, whether it must be there
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Guide:
    rules: tuple[tuple[str, str], ...]
    groups: tuple[tuple[str, tuple[Section, ...]], ...]
    refusals: Mapping[int, str]


@cache
def guide() -> Guide:
    groups = groupby(operations(), lambda each: each.group)
    return Guide(
        RULES, tuple((name, tuple(_section(each) for each in some)) for name, some in groups), REFUSALS
    )


def written(value: object) -> str:
    """JSON as people read it."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def request_of(example: Example) -> str:
    """The request as it goes over the line, without what every request has."""
    headers = [f"{name}: {value}" for name, value in example.headers.items()]
    body = ["", written(example.sends)] if example.sends is not None else []
    return "\n".join([f"{example.method} {example.address}", *headers, *body])


def _section(operation: Operation) -> Section:
    found = tuple(each for each in examples() if each.view == operation.view)
    return Section(operation, tuple(_fields(operation)), found)


def _fields(operation: Operation) -> list[tuple[str, str, bool]]:
    if not operation.takes:
        return []
    if operation.view == "tell":
        event = schemas()["Event"]
        return [(name, each["description"], name == "change") for name, each in event["properties"].items()]
    if operation.view == "suppress":
        return [_row(each, each.name == "address") for each in SUPPRESSION.values()]
    resource = next(each for each in RESOURCES if operation.view.startswith(f"{each.slug}_"))
    if not operation.gives_many:
        return []  # the same as above
    return [_row(each, each.name in resource.kind.columns.required) for each in resource.fields.values()]


def _row(field: Field, needed: bool) -> tuple[str, str, bool]:
    return field.name, words(field), needed
