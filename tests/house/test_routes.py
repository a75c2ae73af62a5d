"""Every address × every preset × signed out: what is written down in the table, what the views say, what is answered."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Map, Rule
from werkzeug.test import TestResponse

from tests.browser import STRICT, Person, heading, page_problems, words
from tests.house.access_table import ACCESS, AFFILIATE, KEY, PUBLIC, SIGNED_IN, WITHOUT_TOKEN
from tests.personas import make_user
from webapp.accounts.models import User
from webapp.accounts.rights import PRESETS, RIGHTS
from webapp.api.scopes import SCOPES
from webapp.app import create_app
from webapp.config import Config
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail import heartbeat
from webapp.web.access import rights_of
from webapp.wiring import open_desk

STRANGER = "stranger"
# Mails as their readers see them: nothing runs in there, and nobody else may frame them.
FRAMED = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'"
)
FILES = {"mail_templates.export_all": "sandbox; default-src 'none'"}
SHOWN_IN_FRAMES = {
    *("broadcasts.blank", "broadcasts.preview_typed", "mail_templates.blank", "mail_templates.preview_typed"),
    *("mail_templates.preview", "mail_templates.layout_preview"),
}
WRITES = {"POST", "PUT", "PATCH", "DELETE"}
SAMPLES = {"int": "4711", "string": "no-such-token", "path": "img/mark.svg", "default": "no-such-token"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("house") / "instance"
    desk = open_desk(Config.from_environment({"OFFERPOST_HOME": str(home)}))
    for slug, preset in PRESETS.items():
        make_user(desk, f"{slug}@desk.example.com", preset.rights, preset=slug, first_name=preset.label)
    with (
        desk.session() as session
    ):  # a sender that is well for as long as these tests take: a monitor is told so
        heartbeat.begin(session, "here", "boot").beat_at = utcnow() + timedelta(hours=1)
    yield desk
    desk.close()


@pytest.fixture(scope="module")
def app(desk: Desk) -> Flask:
    app = create_app(desk)
    app.testing = True
    return app


def rules(app: Flask, *methods: str) -> list[Rule]:
    found = [rule for rule in app.url_map.iter_rules() if set(methods) & set(rule.methods or ())]
    return sorted(found, key=lambda rule: rule.rule)


def address(app: Flask, rule: Rule) -> str:
    """The address with arguments that name nothing: somebody else's number, a made-up token."""
    values = {name: SAMPLES.get(_converter(rule, name), SAMPLES["default"]) for name in rule.arguments}
    with app.test_request_context():
        return str(app.url_for(rule.endpoint, **values))


def _converter(rule: Rule, name: str) -> str:
    kind = type(rule._converters[name]).__name__
    return {"IntegerConverter": "int", "UnicodeConverter": "string", "PathConverter": "path"}.get(
        kind, "default"
    )


def person(app: Flask, desk: Desk, role: str) -> Person:
    """As the role is now: a walk may have signed it out everywhere."""
    if role == STRANGER:
        return Person(app)
    with desk.session() as session:
        return Person(app, by_role(session, role))


def by_role(session: Session, role: str) -> User:
    return session.query(User).filter_by(email=f"{role}@desk.example.com").one()


def requests(app: Flask) -> Iterator[tuple[str, str, Rule]]:
    for rule in rules(app, "GET", *WRITES):
        for method in sorted({"GET", *WRITES} & set(rule.methods or ())):
            yield method, address(app, rule), rule


def ask(person: Person, method: str, path: str) -> TestResponse:
    if method == "GET":
        return person.get(path)
    if method == "PATCH":
        return person.client.patch(path, buffered=True)
    assert method == "POST", f"teach this test to send {method}"
    return person.post(path)


def test_every_address_is_written_down_with_its_rights(app: Flask) -> None:
    marked = {rule.endpoint: rights_of(app, rule.endpoint) for rule in app.url_map.iter_rules()}
    assert marked == ACCESS


def test_every_right_in_the_table_exists() -> None:
    known = {*RIGHTS, *PUBLIC, *SIGNED_IN, *AFFILIATE, KEY, *SCOPES}
    assert {right for rights in ACCESS.values() for right in rights} <= known


@pytest.mark.parametrize("role", [STRANGER, *PRESETS])
def test_everybody_reaches_exactly_what_is_his(app: Flask, desk: Desk, role: str) -> None:
    held = PRESETS[role].rights if role in PRESETS else frozenset()
    for method, path, rule in requests(app):
        answer = ask(person(app, desk, role), method, path)
        needed = ACCESS[rule.endpoint]
        where = f"{role}: {method} {path} → {answer.status}"
        assert answer.status_code < 500, where
        turned_away = answer.status_code == 302 and answer.location.startswith("/sign-in?")
        turned_away = turned_away or (answer.status_code == 302 and answer.location == "/sign-in")
        if needed == AFFILIATE:
            assert answer.status_code == 302, where
            assert answer.location.startswith("/my/sign-in"), where
        elif needed[0] == KEY:
            assert answer.status_code == 401, where
        elif needed == PUBLIC or (needed == SIGNED_IN and role != STRANGER):
            assert answer.status_code != 403, where
        elif role == STRANGER:
            assert turned_away, where
        elif held.isdisjoint(needed):
            assert answer.status_code == 403, where
        else:
            assert answer.status_code != 403, where
            assert not turned_away, where


@pytest.mark.parametrize("role", [STRANGER, "other", "administrator"])
def test_nothing_is_changed_without_a_csrf_token(app: Flask, desk: Desk, role: str) -> None:
    for rule in rules(app, *WRITES):
        if rule.endpoint in WITHOUT_TOKEN:
            continue
        asking = person(app, desk, role)
        answer = asking.client.open(address(app, rule), method=sorted(WRITES & set(rule.methods or ()))[0])
        assert answer.status_code == 400, f"{role}: {rule} → {answer.status}"
        assert heading(answer) == "This form is too old"


def test_a_token_of_another_session_is_worth_nothing(app: Flask, desk: Desk) -> None:
    token = person(app, desk, "other").csrf_token()
    owner = person(app, desk, "administrator")
    owner.csrf_token()
    for rule in rules(app, "POST"):
        if rule.endpoint not in WITHOUT_TOKEN:
            answer = owner.client.post(address(app, rule), data={"csrf_token": token})
            assert answer.status_code == 400, f"{rule} → {answer.status}"


def test_looking_changes_nothing(app: Flask, desk: Desk) -> None:
    def dump() -> list[str]:
        connection = desk.engine.raw_connection()
        try:
            return list(connection.driver_connection.iterdump())  # type: ignore[union-attr]
        finally:
            connection.close()

    before = dump()
    for role in (STRANGER, "administrator"):
        for rule in rules(app, "GET"):
            ask(person(app, desk, role), "GET", address(app, rule))
            person(app, desk, role).client.head(address(app, rule), buffered=True)
    assert dump() == before


def test_every_page_of_the_owner_keeps_the_rules_of_the_house(app: Flask, desk: Desk) -> None:
    for rule in rules(app, "GET"):
        owner = person(app, desk, "administrator")
        page = owner.get(address(app, rule))  # the checks are Person's
        if not rule.arguments:
            expected = (401,) if ACCESS[rule.endpoint][0] == KEY else (200, 302, 404)
            assert page.status_code in expected, f"{rule} → {page.status}"


def test_nothing_private_is_cached_and_everything_has_its_policy(app: Flask, desk: Desk) -> None:
    for method, path, rule in requests(app):
        answer = ask(person(app, desk, "administrator"), method, path)
        headers = answer.headers
        frame = rule.endpoint in SHOWN_IN_FRAMES and answer.status_code == 200
        policy = FILES.get(rule.endpoint, FRAMED if frame else STRICT)
        assert headers.get("Content-Security-Policy") == policy, path
        assert headers.get("Cross-Origin-Opener-Policy") == "same-origin", path
        assert "camera=()" in headers.get("Permissions-Policy", ""), path
        assert headers.get("X-Content-Type-Options") == "nosniff", path
        assert headers.get("Referrer-Policy") == "no-referrer", path
        if rule.endpoint != "static":
            assert headers.get("Cache-Control") == "no-store", path
            assert headers.get("Cross-Origin-Resource-Policy") == "same-origin", path


def test_a_view_that_nobody_marked_answers_nobody(desk: Desk) -> None:
    app = create_app(desk)
    app.add_url_rule("/forgotten-mark", "forgotten_mark", lambda: "open to all")
    assert person(app, desk, "administrator").get("/forgotten-mark").status_code == 403


def test_each_address_is_the_one_that_werkzeug_itself_builds(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        plain = Rule(rule.rule, endpoint=rule.endpoint, defaults=rule.defaults)
        Map([plain])
        values = dict.fromkeys(rule.arguments, 4711) | {"q": "a b&ü"}
        for more in (True, False):
            assert rule.build(values, more) == plain.build(values, more), rule.rule


def test_what_is_not_there_is_said_in_words_to_everybody(app: Flask, desk: Desk) -> None:
    for role in (STRANGER, "administrator"):
        page = person(app, desk, role).get("/no/such/page")
        assert page.status_code == 404
        assert "There is nothing here" in words(page)


def test_every_template_parses(app: Flask) -> None:
    for name in app.jinja_env.list_templates(extensions=["html", "txt"]):
        app.jinja_env.get_template(name)


def test_the_page_check_finds_what_it_is_for(app: Flask, desk: Desk) -> None:
    bad = """<!doctype html><html><head><title> · Offerpost</title><style>a{}</style></head><body><h1>a</h1><h1>b</h1>
    <p id="x" style="color:red" onclick="x()">.</p><p id="x">.</p><input name="q"><form method="post"></form><a href="#gone"></a>
    <script>alert(1)</script><img src="https://cdn.example/x.png"><label for="gone">l</label><a href="/x"></a></body></html>"""
    app = create_app(desk)
    app.add_url_rule("/bad", "bad", lambda: bad)
    app.view_functions["bad"].access = PUBLIC  # type: ignore[attr-defined]
    found = "; ".join(page_problems(app.test_client().get("/bad")))
    for sign in (
        "2 h1",
        "no title",
        "no language",
        "no main",
        "inline style",
        "inline script",
        "inline handlers",
        "twice",
    ):
        assert sign in found
    for sign in (
        "unlabelled",
        "without CSRF",
        "no id “#gone”",
        "no id “gone”",
        "reaches out",
        "without a name",
    ):
        assert sign in found
