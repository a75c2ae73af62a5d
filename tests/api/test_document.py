"""The description: valid by an independent validator, complete, and true of every answer and example."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.api.conftest import Program
from tests.browser import Person, words
from tests.network import SETTINGS
from webapp.api.document import document
from webapp.api.examples import MOMENT, Example, examples
from webapp.api.operations import operations
from webapp.api.scopes import SCOPES
from webapp.desk import Desk
from webapp.mail.models import MailContent, OutboxMail
from webapp.settings import store
from webapp.web.access import rights_of


def test_the_document_is_valid_by_an_independent_validator(desk: Desk) -> None:
    OpenAPIV31SpecValidator(document()).validate()


def test_anybody_may_read_it(app: Flask, desk: Desk) -> None:
    answer = app.test_client().get("/api/openapi.json")
    assert answer.json == document()


def test_every_address_is_described_with_its_scope(app: Flask, desk: Desk) -> None:
    described = {(each.method, each.path, each.scope) for each in operations()}
    served = set()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/") and rule.endpoint != "api.openapi":
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                served.add((method, path, (rights_of(app, rule.endpoint) or ())[1]))
    assert served == described
    assert {scope for _, _, scope in described} == set(SCOPES)


def test_every_operation_has_an_example(desk: Desk) -> None:
    assert {each.view for each in examples()} == {each.view for each in operations()}


def masked(value: Any) -> Any:
    """What is of the day, as the examples have it."""
    if isinstance(value, dict):
        return {
            name: MOMENT if name.endswith("_at") else "<…>" if name == "message_id" else masked(each)
            for name, each in value.items()
        }
    return [masked(each) for each in value] if isinstance(value, list) else value


def schemas_for(example: Example) -> Iterator[dict[str, Any]]:
    """The schemas of the body that goes and of the one that comes."""
    found = next(each for each in operations() if each.view == example.view)
    described = document()["paths"][found.path][found.method.lower()]
    answers = described["responses"][str(example.status)]["content"]
    yield described["requestBody"]["content"]["application/json"]["schema"] if example.sends else {}
    yield next(iter(answers.values()))["schema"]


def check(schema: dict[str, Any], value: object) -> None:
    whole = {**schema, "components": document()["components"]}
    found = [error.message for error in OAS31Validator(whole).iter_errors(value)]
    assert found == []


@pytest.fixture
def a_mail(desk: Desk) -> None:
    """The mail of the examples: the first in the outbox, to the first affiliate."""
    with desk.session() as session:
        store.put(session, SETTINGS)
        content = MailContent(draft={"from_address": "partners@mail.northlight.example"})
        session.add(content)
        session.flush()
        mail = OutboxMail(key="1:1", content_id=content.id, recipient_id=1, address="ana@brightpath.example")
        mail.kind, mail.state, mail.attempts = "announcement", "sent", 1
        mail.code, mail.detail = "250 2.0.0", "Ok: queued as 4F2B1C"
        session.add(mail)


def test_every_example_is_what_happens(tracker: Program, a_mail: None) -> None:
    for example in examples():
        answer = tracker.ask(example.method, example.address, example.sends, **example.headers)
        where = f"{example.method} {example.address}: {answer.text[:500]}"
        assert answer.status_code == example.status, where
        assert masked(answer.json) == masked(example.gets), where
        sent, came = schemas_for(example)
        if example.status < 300 and example.sends is not None:
            check(sent, example.sends)
        check(came, answer.json)


def test_refusals_of_every_kind_are_what_the_document_says(tracker: Program, desk: Desk) -> None:
    asked = [
        ("POST", "/api/offers", b"{", 400),
        ("GET", "/api/offers/none", None, 404),
        ("PATCH", "/api/offers/none", {"status": "paused"}, 404),
        ("POST", "/api/offers", {"cid": "1"}, 422),
        ("GET", "/api/offers?limit=x", None, 422),
        ("GET", "/api/mails/99", None, 404),
    ]
    for method, address, body, status in asked:
        answer = tracker.ask(method, address, body)
        assert answer.status_code == status
        check({"$ref": "#/components/schemas/Problem"}, answer.json)
        path = re.sub(r"/none|/99", lambda found: "/{cid}" if found[0] == "/none" else "/{number}", address)
        described = document()["paths"][path.partition("?")[0]][method.lower()]["responses"]
        assert str(status) in described


def test_the_page_for_people_shows_every_operation(owner: Person, desk: Desk) -> None:
    page = words(owner.get("/account/api/guide"))
    for each in operations():
        assert f"{each.method} {each.path}" in page
        assert each.summary in page
