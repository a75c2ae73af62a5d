"""The page of addresses that are not to be mailed."""

import pytest

from tests.browser import Person, words
from webapp.accounts.models import AuditEntry
from webapp.desk import Desk
from webapp.feedback import barred
from webapp.mail import suppressions
from webapp.mail.models import Suppression


@pytest.fixture
def two(desk: Desk) -> None:
    with desk.session() as session:
        suppressions.add(session, "Left@a.example.com", scope="announcement", reason="unsubscribed")
        suppressions.add(session, "=gone@b.example.com", reason="bounced", note="<script>alert(1)</script>")


def test_an_empty_list_says_how_addresses_come_here(owner: Person) -> None:
    assert "is put here by itself" in words(owner.get("/suppressions"))


def test_the_list_names_address_reason_and_scope(owner: Person, two: None) -> None:
    page = owner.get("/suppressions")
    assert "left@a.example.com Announcements Unsubscribed" in words(page)
    assert "<script>alert" not in page.text


def test_a_long_list_is_searched_by_how_an_address_begins(
    owner: Person, two: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(barred, "FEW", 1)
    assert "left@a.example.com" in words(owner.get("/suppressions?q=LEFT"))
    assert "No suppressed address begins with “gone”" in words(owner.get("/suppressions?q=gone"))


def test_the_list_is_searched_and_filtered(owner: Person, two: None) -> None:
    assert "left@a" not in words(owner.get("/suppressions?q=gone"))
    assert "gone@b" not in words(owner.get("/suppressions?reason=unsubscribed"))
    assert "No suppressed address has “nobody” in it" in words(owner.get("/suppressions?q=nobody"))


def test_an_address_is_added_by_hand(desk: Desk, owner: Person) -> None:
    owner.post(
        "/suppressions/add", {"address": "New@C.example.com", "scope": "all", "note": "asked by phone"}
    )
    with desk.reading() as session:
        one = session.query(Suppression).one()
        assert (one.address, one.scope, one.reason, one.note) == (
            "new@c.example.com", "all", "blocked", "asked by phone",
        )  # fmt: skip


def test_what_is_no_address_is_refused_beside_its_field(desk: Desk, owner: Person) -> None:
    page = owner.post("/suppressions/add", {"address": "nobody", "scope": "all"})
    assert "is no mail address" in words(page)
    assert 'href="#address"' in page.text


def test_lifting_asks_why_and_keeps_it(desk: Desk, owner: Person, two: None) -> None:
    with desk.reading() as session:
        number = session.query(Suppression).filter_by(reason="unsubscribed").one().id
    assert "Say why" in words(owner.post(f"/suppressions/{number}/lift", {"why": ""}))
    owner.post(f"/suppressions/{number}/lift", {"why": "asked by phone"})
    with desk.reading() as session:
        assert [one.reason for one in session.query(Suppression)] == ["bounced"]
        entry = session.query(AuditEntry).filter_by(action="suppression.lifted").one()
        assert entry.detail["why"] == "asked by phone"


def test_what_is_gone_is_not_lifted_again(owner: Person) -> None:
    assert owner.get("/suppressions/99/lift").status_code == 404


def test_the_export_holds_no_formula(owner: Person, two: None) -> None:
    text = owner.get("/suppressions.csv").text
    assert text.splitlines()[0] == "address,scope,reason,note,created_at"
    assert "'=gone@b.example.com" in text
    assert "left@a.example.com" in text


def test_only_who_manages_suppressions_sees_them(colleague: Person, two: None) -> None:
    for path in ("/suppressions", "/suppressions.csv", "/suppressions/add", "/suppressions/1/lift"):
        assert colleague.get(path).status_code == 403
