"""Keys: who makes them, what they open, how they end; and that nothing else opens anything."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.api.conftest import ANA, MakeProgram, Program, make_key
from tests.browser import Person, heading, words
from tests.personas import MakePerson, make_user
from webapp.accounts import users
from webapp.accounts.models import AuditEntry, User
from webapp.api import keyring, keys
from webapp.api.models import ApiKey
from webapp.api.pace import Pace
from webapp.db import utcnow
from webapp.desk import Desk

FORM = {"name": "Tracker", "scopes": ["offers:read", "affiliates:write"], "expires": "", "networks": ""}


def detail(answer) -> str:  # type: ignore[no-untyped-def]
    assert answer.mimetype == "application/problem+json"
    return str(answer.json["detail"])


def secret_on(page) -> str:  # type: ignore[no-untyped-def]
    return next(word for word in words(page).split() if word.startswith("opk_"))


def test_a_key_is_made_shown_once_and_opens_what_it_was_made_for(
    owner: Person, app: Flask, desk: Desk
) -> None:
    page = owner.post("/account/api/new", FORM)
    assert heading(page) == "The key of Tracker"
    secret = secret_on(page)
    assert Program(app, secret).get("/api/offers").status_code == 200
    listed = owner.get("/account/api")
    assert secret[:12] in words(listed)
    assert secret not in listed.text
    assert "today" in words(listed)


def test_a_key_is_kept_as_a_hash_and_nowhere_else(owner: Person, desk: Desk) -> None:
    secret = secret_on(owner.post("/account/api/new", FORM))
    connection = desk.engine.raw_connection()
    dump = "\n".join(connection.driver_connection.iterdump())  # type: ignore[union-attr]
    connection.close()
    assert secret not in dump
    assert secret[13:] not in dump


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "Say which program"),
        ({"scopes": []}, "A key without a scope opens nothing"),
        ({"scopes": ["root"]}, "There is no scope “root”"),
        ({"expires": "2020-01-31"}, "This day is over"),
        ({"expires": "soon"}, "Write it as YYYY-MM-DD"),
        ({"networks": "10.0.0.0/8\nhome"}, "“home” is no network"),
    ],
)
def test_a_wrong_wish_names_the_field_and_makes_no_key(
    owner: Person, desk: Desk, typed: dict[str, object], said: str
) -> None:
    assert said in words(owner.post("/account/api/new", FORM | typed))
    with desk.reading() as session:
        assert session.scalars(select(ApiKey)).all() == []


def test_a_revoked_key_opens_nothing_and_the_trail_says_who_ended_it(
    owner: Person, tracker: Program, desk: Desk
) -> None:
    assert "at once and for good" in words(owner.get(f"/account/api/{tracker.key_id}/revoke"))
    owner.post(f"/account/api/{tracker.key_id}/revoke")
    answer = tracker.get("/api/offers")
    assert answer.status_code == 401
    assert "was revoked" in detail(answer)
    with desk.reading() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.who, entry.action) == ("mara@desk.example.com", "api key revoked")


def test_an_expired_key_opens_nothing(program: MakeProgram, desk: Desk) -> None:
    old = program(expires=utcnow().date().isoformat())
    assert old.get("/api/offers").status_code == 200
    with desk.session() as session:
        keys.get(session, old.key_id).expires_at = utcnow() - timedelta(seconds=1)
    answer = old.get("/api/offers")
    assert answer.status_code == 401
    assert "The time of this key is over" in detail(answer)


def test_a_key_opens_only_its_scopes(program: MakeProgram) -> None:
    reader = program("affiliates:read")
    assert reader.get("/api/affiliates").status_code == 200
    for answer in (reader.post("/api/affiliates", ANA), reader.get("/api/offers")):
        assert answer.status_code == 403
        assert "lacks the scope" in detail(answer)
        assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


def test_a_key_may_no_more_than_its_owner(program: MakeProgram) -> None:
    answer = program(rights=["view_affiliate_details", "edit_all"]).post("/api/affiliates", ANA)
    assert answer.status_code == 403
    assert "The owner of this key needs the right “import and export”" in detail(answer)


@pytest.mark.parametrize("end", ["disabled", "right taken"])
def test_a_key_ends_with_its_owner(program: MakeProgram, desk: Desk, owner: Person, end: str) -> None:
    user = make_user(desk, "ann@desk.example.com", {"manage_apis", "import_and_export", "edit_all_offers"})
    tracker = program(owner=user)
    assert tracker.get("/api/offers").status_code == 200
    with desk.session() as session:
        if end == "disabled":
            users.disable(session, None, session.get_one(User, user.id))
        else:
            session.get_one(User, user.id).rights = ["import_and_export", "edit_all_offers"]
    answer = tracker.get("/api/offers")
    assert answer.status_code == 401
    assert "may not manage APIs any more" in detail(answer)


@pytest.mark.parametrize(
    ("networks", "remote", "status"),
    [
        ("203.0.113.0/24", "203.0.113.7", 200),
        ("203.0.113.0/24", "198.51.100.1", 403),
        ("2001:db8::/32", "2001:db8::5", 200),
        ("203.0.113.0/24", "::ffff:203.0.113.9", 200),
        ("203.0.113.0/24", "", 403),
    ],
)
def test_a_key_may_be_kept_to_networks(program: MakeProgram, networks: str, remote: str, status: int) -> None:
    tracker = program(networks=networks)
    tracker.remote = remote
    assert tracker.get("/api/offers").status_code == status


@pytest.mark.parametrize(
    "shown", ["", "Bearer", "Bearer opk_12345678_x", "Basic b3BrOng=", "Bearer opk_\u00e9", "opk_12345678_x"]
)
def test_what_is_no_key_opens_nothing(app: Flask, shown: str) -> None:
    answer = app.test_client().get("/api/offers", headers={"Authorization": shown})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_beginning_of_a_key_with_another_secret_opens_nothing(app: Flask, tracker: Program) -> None:
    forged = Program(app, f"{tracker.secret[:13]}{'A' * 43}")
    right = detail(forged.get("/api/offers"))
    assert right == detail(Program(app, "opk_00000000_" + "A" * 43).get("/api/offers"))


def test_a_session_opens_nothing_and_a_key_opens_no_page(owner: Person, tracker: Program) -> None:
    assert owner.client.get("/api/offers").status_code == 401
    assert owner.client.post("/api/offers", json={"cid": "1", "name": "x"}).status_code == 401
    assert tracker.get("/affiliates").status_code == 302
    assert tracker.get("/account/api").status_code == 302


def test_no_cookie_is_set_and_nothing_is_cached(tracker: Program) -> None:
    headers = tracker.get("/api/affiliates").headers
    assert "Set-Cookie" not in headers
    assert headers["Cache-Control"] == "no-store"


def test_whoever_asks_too_often_is_told_how_long_to_wait(app: Flask, tracker: Program) -> None:
    app.extensions["api_pace"] = (Pace(2), Pace(2))
    assert [tracker.get("/api/offers").status_code for _ in range(3)] == [200, 200, 429]
    answer = tracker.get("/api/offers")
    assert 0 < int(answer.headers["Retry-After"]) <= 60


def test_guessing_keys_is_slowed_down_by_address(app: Flask, tracker: Program) -> None:
    app.extensions["api_pace"] = (Pace(keyring.A_MINUTE), Pace(2))
    guesser = Program(app, "opk_00000000_x", remote="203.0.113.5")
    assert [guesser.get("/api/offers").status_code for _ in range(3)] == [401, 401, 429]
    assert tracker.get("/api/offers").status_code == 200
    neighbour = Program(app, tracker.secret, remote="203.0.113.5")
    assert neighbour.get("/api/offers").status_code == 200


def test_only_who_may_manage_apis_sees_and_makes_keys(
    person: MakePerson, colleague: Person, stranger: Person, tracker: Program
) -> None:
    holder = person("manage_apis")
    assert "Tracker" in words(holder.get("/account/api"))
    for path in ("/account/api", "/account/api/new", f"/account/api/{tracker.key_id}/revoke"):
        assert colleague.get(path).status_code == 403
        assert stranger.get(path).status_code == 302
    assert colleague.post("/account/api/new", FORM).status_code == 403


def test_the_list_is_searched_and_says_what_is_over(owner: Person, desk: Desk, tracker: Program) -> None:
    assert "Tracker" in words(owner.get("/account/api?q=owner1"))
    assert "Nothing matches" in words(owner.get("/account/api?q=nobody"))
    owner.post(f"/account/api/{tracker.key_id}/revoke")
    assert "No key is in use" in words(owner.get("/account/api"))
    assert "Revoked" in words(owner.get("/account/api?all=1"))


def test_a_secret_stays_out_of_the_log(
    app: Flask, tracker: Program, caplog: pytest.LogCaptureFixture
) -> None:
    app.testing = False
    caplog.set_level("DEBUG")
    for answer in (
        tracker.get("/api/offers"),
        tracker.post("/api/offers", b"{"),
        Program(app, tracker.secret + "x").get("/api/offers"),
    ):
        assert tracker.secret not in answer.text
    assert tracker.secret[13:] not in caplog.text


def test_a_key_is_made_in_the_name_of_whoever_makes_it(owner: Person, desk: Desk) -> None:
    make_key(desk, owner.user, "offers:read")  # type: ignore[arg-type]
    with desk.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "api key made")).one()
    assert (entry.who, entry.detail["scopes"]) == ("mara@desk.example.com", ["offers:read"])
