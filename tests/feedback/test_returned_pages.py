"""The pages of what came back: found again, explained, and read as text."""

from collections.abc import Callable

from tests.browser import Person, words
from tests.feedback.test_intake import bounce
from webapp.desk import Desk
from webapp.feedback.intake import take_in
from webapp.mail.models import OutboxMail

STRANGE = b"""From: Rita <Rita@Shop.example>
To: x@desk.example.com
Subject: Hello <b>you</b>

I am new. <script>alert(1)</script>
"""


def test_what_came_back_is_listed_with_what_it_led_to(desk: Desk, owner: Person, mail: OutboxMail) -> None:
    take_in(desk, bounce(desk, mail), "pipe")
    take_in(desk, STRANGE, "pipe")
    page = words(owner.get("/delivery/returned"))
    assert "It belongs to no mail that was sent from here" in page
    assert "Bounce" in page
    assert "rita@shop.example" in words(owner.get("/delivery/returned?kind=unmatched"))
    assert "rita@shop.example" not in words(owner.get("/delivery/returned?kind=bounce"))


def test_a_sender_is_found_by_how_he_begins(desk: Desk, owner: Person) -> None:
    take_in(desk, STRANGE, "pipe")
    assert "Hello <b>you</b>" in words(owner.get("/delivery/returned?q=RITA"))
    assert "Nothing matches" in words(owner.get("/delivery/returned?q=shop"))


def test_a_mail_from_outside_is_shown_as_text_only(desk: Desk, owner: Person) -> None:
    take_in(desk, STRANGE, "pipe")
    page = owner.get("/delivery/returned/1")
    assert "I am new. <script>alert(1)</script>" in words(page)
    assert "<script>alert" not in page.text
    raw = owner.get("/delivery/returned/1.eml")
    assert raw.mimetype == "application/octet-stream"
    assert raw.data == STRANGE
    assert owner.get("/delivery/returned/2").status_code == 404


def test_nothing_yet_says_what_to_do(owner: Person) -> None:
    assert "Set up the mailbox" in words(owner.get("/delivery/returned"))


def test_only_who_manages_suppressions_reads_it(desk: Desk, person: Callable[..., Person]) -> None:
    take_in(desk, STRANGE, "pipe")
    other = person("send_to_all", email="other@desk.example.com")
    for path in ("/delivery/returned", "/delivery/returned/1", "/delivery/returned/1.eml"):
        assert other.get(path).status_code == 403


def test_what_belongs_to_nothing_is_dismissed_with_a_reason(desk: Desk, owner: Person) -> None:
    take_in(desk, STRANGE, "pipe")
    path = "/delivery/returned/dismiss"
    assert "Say why" in words(owner.post(path, {"number": "1"}, follow=True))
    assert "Tick the mails" in words(owner.post(path, {"why": "Spam"}, follow=True))
    owner.post(path, {"number": "1", "why": "Spam"})
    assert "rita@shop.example" not in words(owner.get("/delivery/returned?kind=unmatched"))
    assert "Dismissed by Mara Lindqvist: Spam" in words(owner.get("/delivery/returned?kind=dismissed"))


def test_what_belongs_to_a_mail_is_not_dismissed(desk: Desk, owner: Person, mail: OutboxMail) -> None:
    take_in(desk, bounce(desk, mail), "pipe")
    page = owner.post("/delivery/returned/dismiss", {"number": "1", "why": "Spam"}, follow=True)
    assert "None of them was open." in words(page)
