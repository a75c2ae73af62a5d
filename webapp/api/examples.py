"""Requests and their answers as the documentation shows them. A test sends them all, in this order, to a fresh instance."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from webapp.api.resources import AFFILIATES, ASSIGNMENTS, OFFERS, Resource
from webapp.web.problems import TYPE

MOMENT = "2026-11-25T09:30:00+00:00"
NAMED = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}


@dataclass(frozen=True)
class Example:
    """One request of an operation. Moments and Message-IDs of the answer are those of the day; the rest is exact."""

    view: str
    title: str
    method: str
    address: str
    gets: Any
    status: int = 200
    sends: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        return self.title.lower().replace(" ", "-")


@cache
def examples() -> tuple[Example, ...]:
    """All of them, in order."""
    lists = (each for resource, change in _LISTS for each in _of(resource, change))
    return (*lists, *_affiliates(), *_others())


def _of(resource: Resource, change: dict[str, Any]) -> Iterator[Example]:
    slug, one = resource.slug, resource.kind.one
    keys = {name: str(resource.example[name]) for name in resource.keys}
    here, there = f"/api/{slug}", "/".join((f"/api/{slug}", *keys.values()))
    item = {name: resource.example.get(name, _nothing(name)) for name in resource.fields}
    added, changed = {"outcome": "added", **keys}, {"outcome": "changed", **keys, "queued": 0}
    yield Example(f"{slug}_put", f"One {one}", "POST", here, added, 201, resource.example, NAMED)
    yield Example(f"{slug}_list", "A page", "GET", f"{here}?limit=100", {"items": [item], "next": None})
    yield Example(f"{slug}_show", f"One {one}", "GET", there, item)
    yield Example(
        f"{slug}_change",
        "The state" if "state" in change else "The status",
        "PATCH",
        there,
        changed,
        200,
        change,
    )


def _nothing(name: str) -> object:
    if name in ("tags", "from_lines", "subject_lines"):
        return []
    return None if name in ("start_date", "end_date", "daily_cap", "monthly_cap", "total_cap", "cap") else ""


_LISTS: tuple[tuple[Resource, dict[str, Any]], ...] = (
    (AFFILIATES, {"status": "paused"}),
    (OFFERS, {"status": "paused"}),
    (ASSIGNMENTS, {"state": "blocked"}),
)


def _affiliates() -> Iterator[Example]:
    wrong = "There are several @ signs. Write one address like name@example.com."
    several = [
        {"affiliate_id": "10031", "email": "bo@adtrail.example", "company": "Adtrail"},
        {"affiliate_id": "10032", "email": "cy@@clickbay.example"},
    ]
    results = [
        {"item": 1, "outcome": "added", "affiliate_id": "10031"},
        {"item": 2, "outcome": "refused", "affiliate_id": "10032", "errors": [_error("email", wrong)]},
    ]
    counts = {"added": 1, "changed": 0, "same": 0, "refused": 1}
    yield Example(
        "affiliates_put",
        "Several affiliates",
        "POST",
        "/api/affiliates",
        {**counts, "results": results},
        200,
        several,
    )
    yield Example(
        "affiliates_put",
        "Refused",
        "POST",
        "/api/affiliates",
        _invalid(
            _error("emial", "There is no field “emial”. Did you mean “email”?"),
            _error("email", "It is missing. Send the E-mail address of each affiliate."),
        ),
        422,
        {"affiliate_id": "10033", "emial": "di@widgetry.example"},
    )


def _others() -> Iterator[Example]:
    mail = {"affiliate_id": "10031", "id": 2, "state": "queued"}
    yield Example(
        "tell",
        "A cap that is nearly reached",
        "POST",
        "/api/events/cap_notification",
        {
            "event": "cap_notification",
            "queued": 1,
            "suppressed": 0,
            "held": "",
            "mails": [mail],
            "not_active": [],
        },
        200,
        {
            "change": "cap 3071 2027-01 80 %",
            "affiliates": ["10031"],
            "offer": "3071",
            "values": {"CapAmount": "500", "CapPercent": "80"},
        },
        {"Idempotency-Key": '"0b0c86a4-5f4f-4d5a-9b56-0f9e1d4b8a52"'},
    )
    yield Example(
        "mail",
        "A mail that was accepted",
        "GET",
        "/api/mails/1",
        {
            "id": 1,
            "affiliate_id": "10021",
            "state": "sent",
            "reason": "",
            "attempts": 1,
            "code": "250 2.0.0",
            "detail": "Ok: queued as 4F2B1C",
            "message_id": "<1.k3v9@mail.northlight.example>",
            "created_at": MOMENT,
            "changed_at": MOMENT,
            "events": [],
        },
    )
    address = {"address": "gone@partner.example", "note": "Asked us by phone"}
    stored = {
        "address": "gone@partner.example",
        "scope": "all",
        "reason": "blocked",
        "note": "Asked us by phone",
    }
    yield Example(
        "suppress",
        "One address",
        "POST",
        "/api/suppressions",
        {"outcome": "added", "address": "gone@partner.example"},
        201,
        address,
    )
    yield Example(
        "suppressions",
        "One address",
        "GET",
        "/api/suppressions?address=gone@partner.example",
        {"items": [{**stored, "created_at": MOMENT}], "next": None},
    )


def _error(name: str, words: str) -> dict[str, str]:
    return {"field": name, "detail": words}


def _invalid(*errors: dict[str, str]) -> dict[str, Any]:
    return {
        "type": f"{TYPE}invalid",
        "title": "Some values can't be taken",
        "status": 422,
        "detail": "Correct the values that “errors” names, and send it again.",
        "errors": list(errors),
    }
