"""The people of the tests: the owner who may do everything, the colleague without rights, the stranger outside."""

from collections.abc import Callable, Iterable

import pytest
from flask import Flask

from tests.browser import Person
from webapp.accounts.models import User
from webapp.accounts.passwords import hash_password
from webapp.accounts.rights import ALL, PRESETS
from webapp.db import utcnow
from webapp.desk import Desk

PASSWORD = "four words nobody strings together"
MakePerson = Callable[..., Person]


def make_user(desk: Desk, email: str, rights: Iterable[str] = (), **fields: object) -> User:
    """A user who was just here. Without `password` nobody can sign in with one; the personas need none."""
    password = fields.pop("password", None)
    values = {
        "password_hash": "!",
        "last_seen_at": utcnow(),
        "rights": sorted(rights),
        "generation": 1,
        **fields,
    }
    if password:
        values["password_hash"] = hash_password(str(password))
    with desk.session() as session:
        user = User(email=email, **values)
        session.add(user)
    return user


@pytest.fixture
def person(app: Flask, desk: Desk) -> MakePerson:
    """Makes somebody with exactly these rights: `person("view_all_affiliates", email=…, first_name=…)`."""
    count = 0

    def make(*rights: str, email: str = "", **fields: object) -> Person:
        nonlocal count
        count += 1
        return Person(app, make_user(desk, email or f"person{count}@desk.example.com", rights, **fields))

    return make


@pytest.fixture
def preset_person(app: Flask, desk: Desk) -> MakePerson:
    """Makes somebody as a preset starts him: `preset_person("report_runner")`."""

    def make(preset: str) -> Person:
        user = make_user(desk, f"{preset}@desk.example.com", PRESETS[preset].rights, preset=preset)
        return Person(app, user)

    return make


@pytest.fixture
def owner(app: Flask, desk: Desk) -> Person:
    """Mara, who may do everything."""
    names = {"first_name": "Mara", "last_name": "Lindqvist", "preset": "administrator"}
    return Person(app, make_user(desk, "mara@desk.example.com", ALL, **names))


@pytest.fixture
def colleague(app: Flask, desk: Desk) -> Person:
    """Tom, who is signed in and holds no right at all."""
    return Person(app, make_user(desk, "tom@desk.example.com", first_name="Tom", last_name="Okafor"))


@pytest.fixture
def stranger(app: Flask) -> Person:
    """Somebody who isn’t signed in."""
    return Person(app)
