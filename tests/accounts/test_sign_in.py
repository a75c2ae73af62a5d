"""Signing in and out."""

import time

import pytest
from flask import Flask

from tests.browser import Person, heading, words
from tests.personas import PASSWORD, make_user
from webapp.accounts import passwords, sessions
from webapp.accounts.models import User
from webapp.desk import Desk

MARA = "mara@desk.example.com"


@pytest.fixture
def mara(desk: Desk) -> User:
    return make_user(desk, MARA, ["manage_users"], password=PASSWORD)


def sign_in(person: Person, email: str = MARA, password: str = PASSWORD, **more: str):
    return person.post("/sign-in", {"email": email, "password": password, **more})


def test_the_right_password_opens_the_desk(stranger: Person, mara: User) -> None:
    assert sign_in(stranger, "  MARA@desk.example.com ").location == "/"
    assert heading(stranger.get("/")) == "Overview"


def test_a_page_behind_sign_in_is_there_afterwards(stranger: Person, mara: User) -> None:
    asked = stranger.get("/account/profile?a=b")
    assert asked.location == "/sign-in?next=/account/profile?a%3Db"
    assert sign_in(stranger, next="/account/profile?a=b").location == "/account/profile?a=b"


def test_a_part_of_a_page_takes_the_whole_page_to_sign_in(stranger: Person) -> None:
    answer = stranger.get("/account/profile", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == "/sign-in"
    assert answer.text == ""


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "/\\evil.example", "https:evil", "https://evil.example", "/\t/evil.example", "javascript:alert(1)",
     "\\\\evil", "/%0d%0aX: y\r\n", " //evil", "evil", ""],
)  # fmt: skip
def test_next_never_leads_to_another_host(stranger: Person, mara: User, target: str) -> None:
    assert sign_in(stranger, next=target).location == "/"


@pytest.mark.parametrize(
    "email", [MARA, "nobody@desk.example.com", "invited@desk.example.com", "gone@desk.example.com"]
)
def test_every_refusal_reads_the_same(stranger: Person, mara: User, desk: Desk, email: str) -> None:
    make_user(desk, "invited@desk.example.com", password_hash=None)
    make_user(desk, "gone@desk.example.com", password=PASSWORD, disabled_at=mara.created_at)
    wrong = "wrong words for this" if email == MARA else PASSWORD
    page = sign_in(stranger, email, wrong)
    assert "Address and password don’t match." in words(page)
    assert stranger.get("/").location.startswith("/sign-in")


@pytest.mark.parametrize(
    "email", [MARA, "nobody@desk.example.com", "invited@desk.example.com", "gone@desk.example.com"]
)
def test_every_refusal_costs_one_hash(
    stranger: Person, mara: User, desk: Desk, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user(desk, "invited@desk.example.com", password_hash=None)
    make_user(desk, "gone@desk.example.com", password=PASSWORD, disabled_at=mara.created_at)
    passwords.matches(None, "the dummy is made once")
    verified: list[str] = []
    real = passwords._PARAMETERS

    class Counting:
        def verify(self, stored: str, password: str) -> bool:
            verified.append(stored)
            return real.verify(stored, password)

    monkeypatch.setattr(passwords, "_PARAMETERS", Counting())
    sign_in(stranger, email, "wrong words for this")
    assert len(verified) == 1
    assert verified[0].startswith("$argon2id$v=19$m=65536,")


def test_signing_out_takes_a_button(app: Flask, owner: Person) -> None:
    assert owner.get("/sign-out").status_code == 405
    owner.post("/sign-out")
    assert owner.get("/").location.startswith("/sign-in")


def test_signing_in_leaves_nothing_of_the_session_before(stranger: Person, mara: User) -> None:
    with stranger.client.session_transaction() as session:
        session["planted"] = "by somebody else"
    before = stranger.csrf_token()
    sign_in(stranger)
    with stranger.client.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") is None
    assert stranger.client.post("/sign-out", data={"csrf_token": before}).status_code == 400


def test_the_cookie_is_kept_from_scripts_and_other_sites(stranger: Person, mara: User) -> None:
    cookie = sign_in(stranger).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_over_https_the_cookie_stays_on_https(stranger: Person, mara: User, scheme: str) -> None:
    cookie = stranger.client.get("/sign-in", base_url=f"{scheme}://localhost/").headers["Set-Cookie"]
    assert ("Secure" in cookie) is (scheme == "https")


@pytest.mark.parametrize(
    ("mark", "seconds"), [("seen", sessions.IDLE_SECONDS), ("began", sessions.LONGEST_SECONDS)]
)
def test_a_session_ends_by_idleness_and_by_age(owner: Person, mark: str, seconds: int) -> None:
    now = int(time.time())
    with owner.client.session_transaction() as session:
        session[mark] = now - seconds + 60
    assert owner.get("/").status_code == 200
    with owner.client.session_transaction() as session:
        session[mark] = now - seconds - 60
    assert owner.get("/").status_code == 302


def test_a_session_without_its_times_is_none(app: Flask, owner: Person) -> None:
    with owner.client.session_transaction() as session:
        del session["began"]
    assert owner.get("/").status_code == 302


def test_a_disabled_user_is_out_at_the_next_click(owner: Person, desk: Desk) -> None:
    assert owner.get("/").status_code == 200
    with desk.session() as session:
        user = session.get(User, owner.user.id)
        user.disabled_at = user.created_at
    assert owner.get("/").status_code == 302


def test_a_page_long_after_the_last_notes_when_somebody_was_seen(owner: Person, desk: Desk) -> None:
    with owner.client.session_transaction() as session:
        session["seen"] -= 3600
    owner.get("/")
    with desk.session() as session:
        seen = session.get(User, owner.user.id).last_seen_at
        assert seen > owner.user.last_seen_at


def test_an_old_hash_is_renewed_at_sign_in(stranger: Person, mara: User, desk: Desk) -> None:
    from argon2 import PasswordHasher

    weaker = PasswordHasher(memory_cost=8192).hash(PASSWORD)
    with desk.session() as session:
        session.get(User, mara.id).password_hash = weaker
    sign_in(stranger)
    with desk.session() as session:
        assert "m=65536" in session.get(User, mara.id).password_hash
