"""Idempotency-Key: the same request twice is done once and answered alike (draft-ietf-httpapi-idempotency-key-header-07)."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, make_response, request

from webapp.api import body, kept
from webapp.api.kept import Busy, Claim, Reused
from webapp.api.keyring import caller
from webapp.errors import DomainError
from webapp.web import problems
from webapp.web.problems import Problem
from webapp.web.session import db, desk

LONGEST = 200
HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
View = Callable[..., Any]


def once(view: View) -> View:
    """Mark a view that changes something: its answer is kept under the Idempotency-Key of the request, if it has one."""

    @wraps(view)
    def answered(**arguments: Any) -> Any:
        name = _name()
        if not name:
            return view(**arguments)
        try:
            named = f"{request.method} {request.full_path} {name}"
            taken = kept.claim(desk(), caller().key.id, named, body.raw())
        except (Busy, Reused) as error:
            raise _refusal(error) from error
        if isinstance(taken, Claim):
            return _first(taken, view, arguments)
        return Response(taken.answer, taken.status, mimetype=taken.mimetype, headers={REPLAYED: "true"})

    return answered


def _first(taken: Claim, view: View, arguments: dict[str, Any]) -> Response:
    try:
        response = _work(view, arguments)
        kept.keep(db(), taken, response.status_code, response.get_data(as_text=True), response.mimetype or "")
        db().commit()
    except Exception as error:
        db().rollback()
        kept.release(desk(), taken)
        raise (_refusal(error) if isinstance(error, Busy) else error) from error
    return response


def _work(view: View, arguments: dict[str, Any]) -> Response:
    """A refusal is an answer, too: whoever corrects what was sent takes a new key."""
    try:
        return make_response(view(**arguments))
    except (DomainError, Problem) as error:
        db().rollback()
        return problems.of(error)


def _name() -> str:
    told = request.headers.get(HEADER, "")
    name = told[1:-1] if len(told) > 1 and told[0] == told[-1] == '"' else told
    if len(name) > LONGEST or not (name.isascii() and (name.isprintable() or not name)):
        words = f"The {HEADER} must be 1 to {LONGEST} visible letters, like a UUID. Send another."
        raise Problem(400, "idempotency-key", "No usable Idempotency-Key", words)
    return name


def _refusal(error: Busy | Reused) -> Problem:
    if isinstance(error, Reused):
        words = f"This {HEADER} was used for another body. Send a new one with each new request."
        return Problem(422, "idempotency-reused", "The Idempotency-Key is taken", words)
    words = "The same request is being worked on. Ask again in a moment for its answer."
    return Problem(409, "idempotency-busy", "Still at work", words, {"Retry-After": "1"})
