"""Leaving the announcements by the link in a mail."""

import pytest

from tests.browser import Person, words
from tests.feedback.conftest import ADDRESS
from webapp.desk import Desk
from webapp.mail.models import Suppression


def barred(desk: Desk) -> list[tuple[str, str, str]]:
    with desk.reading() as session:
        return [(one.address, one.scope, one.reason) for one in session.query(Suppression)]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_looking_changes_nothing(desk: Desk, stranger: Person, link: str, method: str) -> None:
    answer = stranger.client.open(link, method=method)
    assert answer.status_code == 200
    assert barred(desk) == []


def test_the_page_asks_with_a_button(stranger: Person, link: str) -> None:
    page = stranger.get(link)
    assert "Leave the announcements?" in words(page)
    assert ADDRESS in words(page)
    assert 'method="post"' in page.text


def test_the_button_leaves_and_the_page_says_so(desk: Desk, stranger: Person, link: str) -> None:
    page = stranger.client.post(link, follow_redirects=True)
    assert "You left the announcements" in words(page)
    assert barred(desk) == [(ADDRESS, "announcement", "unsubscribed")]


def test_one_click_needs_neither_cookie_nor_page(desk: Desk, stranger: Person, link: str) -> None:
    answer = stranger.client.post(link, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert len(barred(desk)) == 1


def test_leaving_twice_is_leaving_once(desk: Desk, stranger: Person, link: str) -> None:
    for _ in range(2):
        assert stranger.client.post(link).status_code == 302
    assert len(barred(desk)) == 1


def test_it_can_be_undone(desk: Desk, stranger: Person, link: str) -> None:
    stranger.client.post(link)
    page = stranger.client.post(f"{link}/undo", follow_redirects=True)
    assert "Leave the announcements?" in words(page)
    assert barred(desk) == []


def test_undoing_does_not_lift_what_staff_blocked(desk: Desk, stranger: Person, link: str) -> None:
    with desk.session() as session:
        session.add(Suppression(address=ADDRESS, scope="all", reason="blocked"))
    stranger.client.post(f"{link}/undo")
    assert barred(desk) == [(ADDRESS, "all", "blocked")]


@pytest.mark.parametrize("change", ["x", ".", "0", "é"])
def test_a_damaged_link_is_not_found_and_changes_nothing(
    desk: Desk, stranger: Person, link: str, change: str
) -> None:
    for path in (link + change, link[:-1], f"/u/{change}", f"/u/1.{change * 22}"):
        assert stranger.client.get(path).status_code == 404
        assert stranger.client.post(path).status_code == 404
    assert barred(desk) == []


def test_no_bit_of_the_signature_may_change(desk: Desk, stranger: Person, link: str) -> None:
    for place in range(3, len(link)):
        other = "A" if link[place] != "A" else "B"
        assert stranger.client.post(link[:place] + other + link[place + 1 :]).status_code == 404
    assert barred(desk) == []


def test_the_pages_are_not_cached(stranger: Person, link: str) -> None:
    assert "no-store" in stranger.client.get(link).headers["Cache-Control"]


def test_the_link_of_a_preview_says_that_it_is_one(desk: Desk, stranger: Person) -> None:
    assert "This was a preview" in words(stranger.get("/u/preview"))
    stranger.client.post("/u/preview")
    assert barred(desk) == []
