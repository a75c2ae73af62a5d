"""Refusals in the words of RFC 9457, for programs: whatever lies below `/api/` answers with them instead of a page."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, g, request
from werkzeug.exceptions import HTTPException

from webapp.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound

PLACE = "/api/"
TYPE = "urn:problem-type:offerpost:"
MIMETYPE = "application/problem+json"
Errors = Sequence[Mapping[str, object]]


class Problem(Exception):
    """A refusal of our own: `slug` ends its type, `detail` is a sentence with reason and remedy."""

    def __init__(
        self, status: int, slug: str, title: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.slug, self.title, self.detail = status, slug, title, detail
        self.headers = dict(headers or {})


def asked() -> bool:
    """Whether a program asks, not a person at a browser."""
    return request.path.startswith(PLACE)


def of(error: Exception) -> Response:
    """The answer to what was raised."""
    if isinstance(error, Problem):
        return answer(error.status, error.slug, error.title, error.detail, headers=error.headers)
    if isinstance(error, Invalid):
        return invalid(error)
    if isinstance(error, NotAllowed):
        words = f"{str(error).replace('You need', 'The owner of this key needs')} Ask an administrator."
        return answer(403, "not-allowed", "The owner of the key may not do this", words, right=error.right)
    if isinstance(error, NotFound):
        return answer(404, "not-found", "There is no such thing", str(error))
    if isinstance(error, Conflict):
        return answer(409, "conflict", "Somebody was faster", str(error))
    if isinstance(error, DomainError):
        return answer(400, "refused", "That was refused", str(error))
    if isinstance(error, HTTPException) and error.code:
        headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
        return answer(error.code, "", error.name, str(error.description or ""), headers=headers)
    return answer(
        400, "refused", "This can't be understood", "A value is beyond what can be stored. Correct it."
    )


def invalid(error: Invalid) -> Response:
    """422, with each field and its sentence."""
    return answer(
        422,
        "invalid",
        "Some values can't be taken",
        "Correct the values that “errors” names, and send it again.",
        errors=named(error.problems),
    )


def named(found: Mapping[str, str]) -> list[dict[str, object]]:
    """A sentence for each field, as answers carry them."""
    return [{"field": field, "detail": words} for field, words in found.items()]


def answer(
    status: int,
    slug: str,
    title: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **more: object,
) -> Response:
    """A problem document. What the request did so far is not kept."""
    g.refused = True
    content: dict[str, Any] = {
        "type": TYPE + slug if slug else "about:blank",
        "title": title,
        "status": status,
    }
    content |= {"detail": detail, **more}
    text = json.dumps(content, ensure_ascii=False)
    return Response(text, status, mimetype=MIMETYPE, headers=dict(headers or {}))
