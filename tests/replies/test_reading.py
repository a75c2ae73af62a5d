"""What a person wrote is told apart from what he quotes, and from what machines write."""

import pytest

from webapp.feedback.returned import asks_to_stop, read


def mail(body: str, headers: str = "", subject: str = "Re: News") -> bytes:
    return f"From: Dana <dana@a.example.com>\nSubject: {subject}\n{headers}\n{body}".encode()


@pytest.mark.parametrize(
    ("body", "own"),
    [
        ("Thanks!\n\nOn Tue, 3 Nov 2026 at 10:00, Mara <m@x.example> wrote:\n> News\n> More", "Thanks!"),
        ("Danke!\n\nAm 3. Nov. 2026 um 10:00 schrieb Mara\n<m@x.example>:\n> News", "Danke!"),
        ("Fine.\n\n-----Original Message-----\nFrom: Mara\nNews", "Fine."),
        ("Fine.\n\n________________________________\nFrom: Mara\nNews", "Fine."),
        ("Fine.\n> News\n> More\n", "Fine."),
    ],
)
def test_what_is_quoted_below_is_folded(body: str, own: str) -> None:
    found = read(mail(body)).answer
    assert found.own == own
    assert "News" in found.quoted


def test_who_writes_between_what_he_quotes_is_left_as_he_wrote() -> None:
    body = "On Tue, Mara <m@x.example> wrote:\n> When?\nTomorrow.\n> Where?\nHere."
    found = read(mail(body)).answer
    assert found.own == body
    assert not found.quoted


def test_html_becomes_text_and_attachments_are_named_only() -> None:
    parts = (
        "--x\nContent-Type: text/html\n\n<style>p{}</style><p>Yes &amp; no</p><script>alert(1)</script>\n"
        '--x\nContent-Type: application/pdf; name="../terms.pdf"\nContent-Disposition: attachment\n\nJVBERi0=\n--x--\n'
    )
    found = read(mail(parts, 'Content-Type: multipart/mixed; boundary="x"\n')).answer
    assert found.own == "Yes & no"
    assert found.files == ("../terms.pdf",)


@pytest.mark.parametrize(
    "headers", ["Auto-Submitted: auto-generated\n", "Precedence: bulk\n", "List-Id: <x.example>\n"]
)
def test_what_a_program_or_a_list_wrote_is_no_reply(headers: str) -> None:
    assert read(mail("Hello")).personal
    assert not read(mail("Hello", headers)).personal


def test_a_vacation_notice_is_no_reply() -> None:
    assert not read(mail("I am away.", subject="Out of office")).personal


@pytest.mark.parametrize(
    "said", ["STOP", "unsubscribe", "Please unsubscribe me.", "Bitte abmelden!", "Remove me please"]
)
def test_nothing_but_a_wish_to_stop_is_seen(said: str) -> None:
    assert asks_to_stop(said, "Re: News")


@pytest.mark.parametrize(
    "said", ["Don't stop!", "How do I unsubscribe my colleague?", "Stop by tomorrow", "Hi"]
)
def test_other_words_are_no_wish_to_stop(said: str) -> None:
    assert not asks_to_stop(said, "Re: News")
