"""The audit trail."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests.browser import Person, words
from tests.personas import PASSWORD, make_user
from webapp.accounts.audit import record
from webapp.accounts.models import AuditEntry
from webapp.desk import Desk


def trail(desk: Desk) -> list[tuple[str, str, str, dict[str, object]]]:
    with desk.session() as session:
        return [
            (e.who, e.action, e.subject, e.detail)
            for e in session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        ]


def test_sign_ins_and_sign_outs_are_kept(stranger: Person, desk: Desk) -> None:
    make_user(desk, "tom@desk.example.com", password=PASSWORD)
    stranger.post("/sign-in", {"email": "tom@desk.example.com", "password": PASSWORD})
    stranger.post("/sign-out")
    assert [entry[:3] for entry in trail(desk)] == [
        ("tom@desk.example.com", "signed in", "tom@desk.example.com"),
        ("tom@desk.example.com", "signed out", "tom@desk.example.com"),
    ]


def test_a_refused_sign_in_names_the_account_but_never_what_nobody_is_called(
    stranger: Person, desk: Desk
) -> None:
    make_user(desk, "tom@desk.example.com", password=PASSWORD)
    stranger.post("/sign-in", {"email": "tom@desk.example.com", "password": "my secret words"})
    stranger.post("/sign-in", {"email": "my secret words", "password": "x"})
    assert [entry[1:3] for entry in trail(desk)] == [
        ("sign-in refused", "tom@desk.example.com"),
        ("sign-in refused", "unknown account"),
    ]
    assert "my secret words" not in str(trail(desk))


def test_a_change_of_rights_says_which(owner: Person, desk: Desk) -> None:
    tom = make_user(desk, "tom@desk.example.com", ["send_to_all"])
    owner.post(f"/account/users/{tom.id}", {"email": tom.email, "preset": "other", "rights": ["edit_all"]})
    assert trail(desk)[-1] == (
        "mara@desk.example.com",
        "rights changed",
        "tom@desk.example.com",
        {"added": ["edit_all"], "taken": ["send_to_all"]},
    )


def test_the_page_is_searched_and_paged(owner: Person, desk: Desk) -> None:
    with desk.session() as session:
        for number in range(60):
            record(session, owner.user, "server changed", f"server {number}", field="host")
    said = words(owner.get("/account/audit"))
    assert "1 to 50 of 60" in said
    assert "Server changed mara@desk.example.com server 59 field: host" in said
    assert "51 to 60 of 60" in words(owner.get("/account/audit?page=2"))
    assert "1 to 1 of 1" in words(owner.get("/account/audit?q=server+17"))
    assert "Nothing matches" in words(owner.get("/account/audit?q=%25nothing"))


def test_an_empty_trail_says_what_it_is_for(owner: Person) -> None:
    assert "Sign-ins and changes appear here by themselves" in words(owner.get("/account/audit"))


def test_an_entry_of_a_refused_request_is_not_kept(owner: Person, desk: Desk) -> None:
    owner.post("/account/users/4711/disable")
    assert trail(desk) == []


@pytest.mark.parametrize("user", [None, "command line"])
def test_entries_need_no_user(app: Flask, desk: Desk, user: str | None) -> None:
    with desk.session() as session:
        record(session, user, "key rotated")
    assert trail(desk) == [(user or "", "key rotated", "", {})]
