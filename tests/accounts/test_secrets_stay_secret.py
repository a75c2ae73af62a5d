"""What is typed and what opens doors appears in no page, no log and no trail."""

import logging

import pytest
from sqlalchemy.exc import IntegrityError

from tests.browser import Person
from tests.personas import make_user
from webapp.accounts import links, passwords
from webapp.accounts.models import AuditEntry, User
from webapp.desk import Desk

CANARY = "canary words that nobody may read"


@pytest.fixture
def token(desk: Desk) -> str:
    user = make_user(desk, "tom@desk.example.com")
    with desk.session() as session:
        return links.make(session, links.RESET, user)


def test_a_fault_shows_neither_link_nor_password(
    stranger: Person,
    token: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_password: str) -> str:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(passwords, "hash_password", broken)
    caplog.set_level(logging.DEBUG)
    page = stranger.post(f"/password/{token}", {"password": CANARY, "again": CANARY})
    assert page.status_code == 500
    assert "the disk is full" in caplog.text
    for said in (caplog.text, page.text):
        assert token not in said
        assert CANARY not in said


def test_a_refused_form_does_not_repeat_the_password(stranger: Person, token: str) -> None:
    page = stranger.post(f"/password/{token}", {"password": CANARY, "again": "another"})
    assert CANARY not in page.text


def test_the_trail_holds_neither_link_nor_password(stranger: Person, token: str, desk: Desk) -> None:
    stranger.post(f"/password/{token}", {"password": CANARY, "again": CANARY})
    with desk.session() as session:
        trail = str([(e.action, e.subject, e.detail) for e in session.query(AuditEntry)])
    assert "password set" in trail
    assert token not in trail
    assert CANARY not in trail


def test_a_fault_of_the_database_does_not_print_values(desk: Desk) -> None:
    make_user(desk, "tom@desk.example.com", im=CANARY)
    with pytest.raises(IntegrityError) as fault, desk.session() as session:
        session.add(User(email="tom@desk.example.com", im=CANARY))
    assert CANARY not in str(fault.value)
