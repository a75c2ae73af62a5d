"""What programs ask by the address, and what they are told."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.announce import told as announced
from webapp.api.fields import unknown
from webapp.api.keyring import caller
from webapp.api.reading import MOST, SIZE, Asked, Found
from webapp.api.taking import Result, counts, only
from webapp.errors import Invalid
from webapp.web.problems import named
from webapp.web.session import db

PAGING = ("limit", "after")
ANNOUNCE = "announce"


def asked(filters: Sequence[str]) -> Asked:
    """The rows that the address asks for; `Invalid` for a word that means nothing here."""
    given = request.args.to_dict()
    for name in given:
        if name not in (*filters, *PAGING):
            raise Invalid({name[:60]: unknown(name, (*filters, *PAGING))})
    return Asked(
        {name: value for name, value in given.items() if name in filters},
        given.get("after", ""),
        _limit(given.get("limit", str(SIZE))),
    )


def wants(name: str) -> bool:
    """Whether the address says `?name=true`; `Invalid` for any other word in it."""
    given = request.args.to_dict()
    for each in given.keys() - {name}:
        raise Invalid({each[:60]: unknown(each, (name,))})
    if (value := given.get(name, "false")) not in ("true", "false"):
        raise Invalid({name: f"“{value[:20]}” is neither true nor false. Use one of the two."})
    return value == "true"


def queued(session: Session) -> int:
    """How many mails this request has put on the way."""
    return sum(done.queued for done in announced(session))


def answer(content: Any, status: int = 200) -> Response:
    """JSON, in the order in which it was put together."""
    return Response(json.dumps(content, ensure_ascii=False), status, mimetype="application/json")


def page(found: Found) -> Response:
    return answer({"items": found.items, "next": found.next})


def told(what: str, results: Sequence[Result], keys: Iterable[str], *, several: bool) -> Response:
    """The outcome of each item, or of the one that was sent; what changed something stands in the audit trail."""
    names = tuple(keys)
    if not several:
        one = only(results)
        _record(what, results)
        return answer(_outcome(one, names), 201 if one.outcome == "added" else 200)
    _record(what, results)
    each = [{"item": one.item, **_outcome(one, names)} for one in results]
    return answer({**counts(results), "results": each})


def _outcome(one: Result, names: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"outcome": one.outcome}
    found |= {name: one.values.get(name, "").strip() for name in names}
    return found | ({"errors": named(one.problems)} if one.problems else {})


def _record(what: str, results: Sequence[Result]) -> None:
    done = {name: count for name, count in counts(results).items() if count}
    if done.keys() & {"added", "changed"}:
        audit.record(db(), caller().user, f"api {what}", caller().key.name, **done)


def _limit(told: str) -> int:
    if not (told.isascii() and told.isdecimal() and 1 <= int(told[:9]) <= MOST):
        raise Invalid({"limit": f"“{told[:20]}” is no number of items. Use a whole number from 1 to {MOST}."})
    return int(told)
