"""Choosing which news one gets, by a link and signed in; the evidence of it; and lists that come in and go out."""

import io

import pytest
from sqlalchemy import select

from tests.browser import Person, words
from tests.feedback.conftest import ADDRESS
from webapp.desk import Desk
from webapp.feedback import barred
from webapp.feedback.lists import take_in
from webapp.mail import links, suppressions
from webapp.mail.consents import Consent
from webapp.mail.models import OutboxMail, Suppression


@pytest.fixture
def choosing(desk: Desk, mail: OutboxMail) -> str:
    return links.link(desk.vault, "", links.PREFERENCES, mail.id)


def scopes(desk: Desk) -> dict[str, str]:
    with desk.reading() as session:
        return {one.scope: one.reason for one in session.query(Suppression).filter_by(address=ADDRESS)}


def evidence(desk: Desk) -> list[tuple[str, bool, str]]:
    with desk.reading() as session:
        return [(one.topic, one.given, one.way) for one in session.query(Consent).order_by(Consent.id)]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_changes_nothing(desk: Desk, stranger: Person, choosing: str, method: str) -> None:
    assert stranger.client.open(choosing, method=method).status_code == 200
    assert (scopes(desk), evidence(desk)) == ({}, [])


def test_a_topic_is_left_alone_and_taken_back(desk: Desk, stranger: Person, choosing: str) -> None:
    page = stranger.post(choosing, {"topic": ["offers", "digest"]}, follow=True)
    assert "Saved" in words(page)
    assert "links to sign in" in words(page)  # what always comes is explained
    assert scopes(desk) == {"newsletter": "unsubscribed"}
    stranger.post(choosing, {"topic": ["offers", "newsletter", "digest"]})
    assert scopes(desk) == {}
    assert evidence(desk) == [("newsletter", False, "preferences"), ("newsletter", True, "preferences")]


def test_leaving_all_news_and_coming_back_for_one_topic(desk: Desk, stranger: Person, choosing: str) -> None:
    page = stranger.post(choosing, {"leave": "1", "topic": ["offers", "newsletter", "digest"]}, follow=True)
    assert "You get no more news" in words(page)
    assert scopes(desk) == {"announcement": "unsubscribed"}
    stranger.post(choosing, {"topic": ["offers", "digest", "nonsense"]})
    assert scopes(desk) == {"newsletter": "unsubscribed"}
    assert evidence(desk) == [
        ("announcement", False, "preferences"),
        ("digest", True, "preferences"),
        ("offers", True, "preferences"),
    ]


def test_what_staff_has_barred_is_not_lifted_by_a_tick(desk: Desk, stranger: Person, choosing: str) -> None:
    with desk.session() as session:
        suppressions.add(session, ADDRESS, scope="announcement", reason="complained")
        suppressions.add(session, ADDRESS, scope="offers", reason="blocked")
    page = stranger.post(choosing, {"topic": ["offers", "newsletter", "digest"]}, follow=True)
    assert "those not to be written to" in words(page)
    assert scopes(desk) == {"announcement": "complained", "offers": "blocked"}


def test_a_damaged_link_opens_nothing(desk: Desk, stranger: Person, choosing: str, link: str) -> None:
    for path in (choosing + "x", choosing[:-1], "/l/m/1.x", f"/l/m/{link.rpartition('/')[2]}"):
        assert stranger.get(path).status_code == 404
        assert stranger.post(path, {"leave": "1"}).status_code == 404
    assert scopes(desk) == {}


def test_the_page_to_leave_leads_to_the_choice(stranger: Person, link: str, choosing: str) -> None:
    assert f'href="{choosing}"' in stranger.get(link).text


def test_leaving_and_taking_it_back_leave_evidence_of_which_mail_and_how(
    desk: Desk, stranger: Person, link: str, mail: OutboxMail
) -> None:
    for _ in range(2):
        stranger.client.post(link, data={"List-Unsubscribe": "One-Click"})
    stranger.client.post(f"{link}/undo")
    stranger.client.post(link)
    ways = [
        ("announcement", False, "one_click"),
        ("announcement", True, "undone"),
        ("announcement", False, "page"),
    ]
    assert evidence(desk) == ways
    with desk.reading() as session:
        assert set(session.scalars(select(Consent.mail_id))) == {mail.id}


def test_what_goes_out_comes_in_as_it_was(desk: Desk) -> None:
    rows = [("=odd@a.example", "all"), ("@whole.example", "announcement"), ("x@a.example", "offers")]
    with desk.session() as session:
        for address, scope in rows:
            suppressions.add(session, address, scope=scope, note="+1 by phone")
        told = "".join(barred.export(session))
        session.query(Suppression).delete()
    assert "\n=" not in told
    taken = take_in(desk, io.StringIO(told))
    assert (taken.added, taken.refused) == (3, [])
    with desk.reading() as session:
        found = {(one.address, one.scope, one.note) for one in session.query(Suppression)}
    assert found == {(address, scope, "+1 by phone") for address, scope in rows}


def test_a_list_is_brought_by_a_form_and_takes_nobody_off(desk: Desk, owner: Person) -> None:
    with desk.session() as session:
        suppressions.add(session, ADDRESS, reason="complained")
    file = (io.BytesIO(f"{ADDRESS}\nnew@a.example\nnobody\n@b.example\n".encode()), "list.csv")
    page = owner.post("/suppressions/import", {"file": file})
    assert "2 addresses added, 1 were on the list already. 1 line stayed out" in words(page)
    assert scopes(desk) == {"all": "complained"}
    endless = io.BytesIO(b'address\n"' + b"x" * 200_000)
    page = owner.post("/suppressions/import", {"file": (endless, "list.csv")})
    assert "Line 2 can’t be read" in words(page)
    page = owner.post("/suppressions/import", {"file": (io.BytesIO(b"\xff\xfe\x00"), "list.csv")})
    assert "no text in UTF-8" in words(page)


def test_a_colleague_without_the_right_brings_no_list(colleague: Person) -> None:
    assert colleague.post("/suppressions/import").status_code == 403
