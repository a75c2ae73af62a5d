"""The OpenAPI 3.1 description, made from the tables of operations, fields and examples."""

from functools import cache
from typing import Any

from webapp.api.answers import ANNOUNCE
from webapp.api.body import LARGEST, MOST_ITEMS
from webapp.api.examples import Example, examples
from webapp.api.keyring import A_MINUTE
from webapp.api.once import HEADER, LONGEST
from webapp.api.operations import Operation, operations
from webapp.api.reading import MOST, SIZE
from webapp.api.schemas import Schema, list_of, ref, schemas

INTRODUCTION = (
    "Every request shows a key, as “Authorization: Bearer opk_…”. A key is made under *Account → API keys*, works with the "
    "rights of its owner, and only for the scopes it was made for."
)
REFUSALS = {
    400: "The request can't be understood.",
    401: "No key came along, or it opens nothing (any more).",
    403: "The key lacks the scope, its owner the right, or it may not be used from this network.",
    404: "There is no such thing, or the owner of the key may not see it.",
    409: "The same request is being worked on, or somebody was faster.",
    413: f"The body is larger than {LARGEST // 1024 // 1024} MB.",
    415: "The body isn't JSON.",
    422: "Values were refused, each with its reason; or the Idempotency-Key came with another body.",
    429: f"More than {A_MINUTE} requests a minute. “Retry-After” says how many seconds to wait.",
}


@cache
def document() -> dict[str, Any]:
    """The whole description; it depends on nothing but the program."""
    paths: dict[str, Any] = {}
    for each in operations():
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Offerpost", "version": "1", "description": INTRODUCTION},
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "bearerFormat": "opk_…"}},
        },
    }


def _operation(each: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": each.view,
        "tags": [each.group],
        "summary": each.summary,
        "description": f"{each.words} Needs the scope `{each.scope}`.",
        "parameters": [*_parameters(each)],
        "responses": _responses(each),
    }
    if each.takes:
        found["requestBody"] = {"required": True, "content": {"application/json": _request(each)}}
    return found


def _parameters(each: Operation) -> list[dict[str, Any]]:
    found = [
        {
            "name": key,
            "in": "path",
            "required": True,
            "schema": {"type": "integer" if key == "number" else "string"},
        }
        for key in each.keys
    ]
    found += [{"name": name, "in": "query", "schema": {"type": "string"}} for name in each.filters]
    if each.paged:
        limit = {"type": "integer", "minimum": 1, "maximum": MOST, "default": SIZE}
        found.append({"name": "limit", "in": "query", "schema": limit})
        words = "The value of “next” of the page before."
        found.append({"name": "after", "in": "query", "description": words, "schema": {"type": "string"}})
    if each.announces:
        announce = {"type": "boolean", "default": False}
        found.append({"name": ANNOUNCE, "in": "query", "schema": announce})
    if each.changes:
        words = "Names the request: sent again within 24 hours, it is not done again but answered alike."
        schema = {"type": "string", "maxLength": LONGEST}
        found.append({"name": HEADER, "in": "header", "description": words, "schema": schema})
    return found


def _request(each: Operation) -> dict[str, Any]:
    one = ref(each.takes)
    several = list_of(one, minItems=1, maxItems=MOST_ITEMS)
    found: dict[str, Any] = {"schema": {"oneOf": [one, several]} if each.gives_many else one}
    return found | _shown({example.slug: example.sends for example in _of(each) if example.sends is not None})


def _responses(each: Operation) -> dict[str, Any]:
    gives: Schema = ref(each.gives)
    if each.gives_many:
        gives = {"oneOf": [gives, ref(each.gives_many)]}
    found = {"200": _response("Done.", gives, each, 200)}
    if each.gives_many:
        found["201"] = _response("Added.", ref(each.gives), each, 201)
    for status, words in REFUSALS.items():
        if _happens(each, status):
            found[str(status)] = _response(words, ref("Problem"), each, status)
    return found


def _happens(each: Operation, status: int) -> bool:
    if status in (400, 409, 413, 415):
        return each.changes
    if status == 404:
        return bool(each.keys)
    return status != 422 or each.changes or each.paged


def _response(words: str, schema: Schema, each: Operation, status: int) -> dict[str, Any]:
    kind = "application/json" if status < 300 else "application/problem+json"
    examples = {example.slug: example.gets for example in _of(each) if example.status == status}
    return {"description": words, "content": {kind: {"schema": schema, **_shown(examples)}}}


def _shown(examples: dict[str, object]) -> dict[str, Any]:
    return {"examples": {slug: {"value": value} for slug, value in examples.items()}} if examples else {}


def _of(each: Operation) -> list[Example]:
    return [example for example in examples() if example.view == each.view]
