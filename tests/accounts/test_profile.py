"""The own profile."""

import pytest
from flask import Flask

from tests.browser import Person, heading, words
from tests.personas import PASSWORD, make_user
from webapp.accounts.models import User
from webapp.desk import Desk

NEW = "quite another row of words"


@pytest.fixture
def tom(app: Flask, desk: Desk) -> Person:
    return Person(app, make_user(desk, "tom@desk.example.com", password=PASSWORD, first_name="Tom"))


def stored(desk: Desk, person: Person) -> User:
    with desk.session() as session:
        return session.get(User, person.user.id)


def change(person: Person, present: str = PASSWORD, password: str = NEW):
    return person.post(
        "/account/profile/password", {"present": present, "password": password, "again": password}
    )


def test_the_name_can_be_changed(tom: Person) -> None:
    tom.post("/account/profile", {"first_name": "Thomas", "last_name": "Okafor", "theme": ""})
    assert "Thomas Okafor" in words(tom.get("/"))


@pytest.mark.parametrize(
    ("theme", "attribute"), [("dark", ' data-theme="dark"'), ("light", ' data-theme="light"'), ("", "")]
)
def test_the_theme_is_set_by_the_server(tom: Person, theme: str, attribute: str) -> None:
    tom.post("/account/profile", {"first_name": "Tom", "theme": theme})
    assert f'<html lang="en"{attribute}>' in tom.get("/").text


def test_a_theme_that_is_none_is_refused(tom: Person, desk: Desk) -> None:
    tom.post("/account/profile", {"first_name": "Tom", "theme": '"><script>'})
    assert stored(desk, tom).theme == ""


def test_rights_and_address_are_not_ones_own_to_change(tom: Person, desk: Desk) -> None:
    tom.post(
        "/account/profile",
        {"first_name": "Tom", "theme": "", "rights": "manage_users", "email": "x@x.example.com"},
    )
    assert (stored(desk, tom).rights, stored(desk, tom).email) == ([], "tom@desk.example.com")


def test_a_new_password_keeps_this_session_and_ends_the_others(tom: Person, app: Flask) -> None:
    elsewhere = Person(app, tom.user)
    assert change(tom).status_code == 302
    assert heading(tom.get("/account/profile")) == "Your profile"
    assert elsewhere.get("/").status_code == 302
    assert Person(app).post("/sign-in", {"email": tom.user.email, "password": NEW}).status_code == 302


def test_the_present_password_is_needed(tom: Person, desk: Desk) -> None:
    assert "This isn’t your present password" in words(change(tom, "wrong"))
    assert stored(desk, tom).password_hash == tom.user.password_hash


def test_a_weak_new_password_is_refused(tom: Person) -> None:
    assert "at least 12 characters" in words(change(tom, password="short"))


def test_the_present_password_can_not_be_guessed_either(tom: Person) -> None:
    for _ in range(5):
        change(tom, "wrong")
    assert "Too many tries" in words(change(tom))


def test_signing_out_everywhere_ends_every_session(tom: Person, app: Flask) -> None:
    elsewhere = Person(app, tom.user)
    tom.post("/account/profile/sign-out-everywhere")
    assert tom.get("/").status_code == 302
    assert elsewhere.get("/").status_code == 302
