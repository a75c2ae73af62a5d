"""The first start: one link, one administrator."""

import pytest
from flask import Flask

from tests.browser import Person, heading, words
from tests.personas import PASSWORD
from webapp.accounts import link_routes, links
from webapp.accounts.models import User
from webapp.accounts.rights import ALL
from webapp.desk import Desk
from webapp.settings import setup

FORM = {
    "first_name": "Mara",
    "last_name": "Lindqvist",
    "email": "Mara@Desk.example.com",
    "password": PASSWORD,
    "again": PASSWORD,
}


@pytest.fixture
def token(desk: Desk) -> str:
    with desk.session() as session:
        token = links.setup_link(session)
    assert token
    return token


def users(desk: Desk) -> list[User]:
    with desk.session() as session:
        return session.query(User).all()


def test_before_set_up_every_page_tells_how_to_begin(stranger: Person) -> None:
    page = stranger.get("/", follow=True)
    assert heading(page) == "This desk isn’t set up yet"
    assert "make run" in words(page)
    assert "offerpost user add" in words(page)


def test_the_link_makes_the_administrator_and_signs_in(stranger: Person, token: str, desk: Desk) -> None:
    assert heading(stranger.get(f"/setup/{token}")) == "Who looks after this desk?"
    assert stranger.post(f"/setup/{token}", FORM).status_code == 302
    (mara,) = users(desk)
    assert (mara.email, set(mara.rights), mara.preset) == ("mara@desk.example.com", ALL, "administrator")
    assert stranger.get("/account/profile").status_code == 200


def test_the_steps_are_those_that_follow() -> None:
    assert tuple(title for _, title, _ in setup.ORDER) == link_routes.STEPS


def test_looking_at_the_link_does_not_use_it_up(stranger: Person, token: str) -> None:
    for _ in range(3):
        assert stranger.get(f"/setup/{token}").status_code == 200


def test_the_link_works_once(app: Flask, stranger: Person, token: str, desk: Desk) -> None:
    stranger.post(f"/setup/{token}", FORM)
    second = Person(app).post(f"/setup/{token}", {**FORM, "email": "eve@desk.example.com"})
    assert second.status_code == 404
    assert len(users(desk)) == 1


def test_a_newer_link_replaces_the_older(stranger: Person, token: str, desk: Desk) -> None:
    with desk.session() as session:
        newer = links.setup_link(session)
    assert stranger.get(f"/setup/{token}").status_code == 404
    assert stranger.get(f"/setup/{newer}").status_code == 200


def test_there_is_no_link_once_there_is_a_user(owner: Person, desk: Desk) -> None:
    with desk.session() as session:
        assert links.setup_link(session) is None


def test_the_database_does_not_hold_the_token(token: str, desk: Desk) -> None:
    assert token.encode() not in desk.config.home.joinpath("offerpost.db").read_bytes()
    assert token.encode() not in desk.config.home.joinpath("offerpost.db-wal").read_bytes()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"email": "mara"}, "is no e-mail address"),
        ({"email": ""}, "Type an e-mail address"),
        ({"first_name": ""}, "Type your first name"),
        ({"password": "short"}, "at least 12 characters"),
        ({"again": "something else"}, "Type the same one twice"),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_made(
    stranger: Person, token: str, desk: Desk, change: dict[str, str], sentence: str
) -> None:
    fields = {**FORM, **change}
    if "password" in change:
        fields["again"] = fields["password"]
    page = stranger.post(f"/setup/{token}", fields)
    assert sentence in words(page)
    assert "<title>Error: " in page.text
    assert users(desk) == []
    assert stranger.get(f"/setup/{token}").status_code == 200
