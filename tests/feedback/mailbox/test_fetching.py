"""Mail is fetched from a real mailbox once, whatever breaks on the way, and nothing happens to it there before it is stored."""

import pytest
from sqlalchemy import func, select

from tests.feedback.mailbox.conftest import SetUp
from tests.feedback.mailbox.dovecot import Dovecot
from webapp.desk import Desk
from webapp.feedback.mailbox.fetching import Fetched, fetch
from webapp.feedback.mailbox.models import Mailbox
from webapp.feedback.models import ReturnedMail
from webapp.feedback.returned import read


def mails(count: int, size: int = 10, first: int = 0) -> list[bytes]:
    return [
        f"From: a@b.example\r\nSubject: number {number}\r\n\r\n{'x' * size}\r\n".encode()
        for number in range(first, first + count)
    ]


def kept(desk: Desk) -> list[str]:
    with desk.reading() as session:
        return list(session.scalars(select(ReturnedMail.subject).order_by(ReturnedMail.id)))


def run(desk: Desk) -> Fetched:
    return fetch(desk, read)


def subjects(count: int) -> list[str]:
    return [f"number {number}" for number in range(count)]


@pytest.mark.parametrize("front", ["imap tls", "imap starttls", "pop3 tls", "pop3 starttls"])
def test_new_mail_is_taken_in_once(desk: Desk, dovecot: Dovecot, set_up: SetUp, front: str) -> None:
    dovecot.put(mails(3))
    set_up(front)
    assert (run(desk), kept(desk)) == (Fetched(3, complete=True), subjects(3))
    dovecot.put(mails(1, first=3))
    assert (run(desk), kept(desk)) == (Fetched(1, complete=True), subjects(4))
    assert run(desk).mails == 0


@pytest.mark.parametrize(
    ("front", "after", "left"),
    [
        ("imap tls", "keep", [""]),
        ("imap tls", "seen", [r"\Seen"]),
        ("imap tls", "delete", []),
        ("pop3 tls", "delete", []),
    ],
)
def test_a_mail_is_dealt_with_in_the_mailbox_as_the_settings_say(
    desk: Desk, dovecot: Dovecot, set_up: SetUp, front: str, after: str, left: list[str]
) -> None:
    dovecot.put(mails(1))
    set_up(front, after=after)
    assert run(desk).complete
    assert [one.replace(r"\Recent", "").strip() for one in dovecot.flags()] == left
    assert kept(desk) == subjects(1)


def test_a_mail_is_moved_to_a_folder_with_any_name(desk: Desk, dovecot: Dovecot, set_up: SetUp) -> None:
    dovecot.put(mails(1), "Zur&APw-ck")
    dovecot.put(mails(2, first=1))
    set_up(after="move", move_to="Zurück")
    assert run(desk) == Fetched(2, complete=True)
    assert (len(dovecot.flags()), len(dovecot.flags("Zur&APw-ck"))) == (0, 3)


def test_what_a_run_could_not_delete_any_more_is_deleted_by_the_next(
    desk: Desk, dovecot: Dovecot, set_up: SetUp
) -> None:
    dovecot.put(mails(2))
    set_up()
    run(desk)
    set_up(after="delete")
    assert run(desk).complete
    assert dovecot.flags() == []


@pytest.mark.parametrize("front", ["imap cut", "pop3 cut"])
def test_a_line_that_breaks_in_the_middle_loses_and_doubles_nothing(
    desk: Desk, dovecot: Dovecot, set_up: SetUp, front: str
) -> None:
    dovecot.put(mails(12, size=4_000))
    set_up(front, after="delete")
    runs = [run(desk) for _ in range(6)]
    assert runs[0].trouble
    assert "broke" in runs[0].trouble
    set_up(front.replace("cut", "tls"), after="delete")
    assert run(desk).complete
    assert sorted(kept(desk)) == sorted(subjects(12))
    assert dovecot.flags() == []


def test_a_folder_whose_numbers_start_anew_is_read_again_and_nothing_is_doubled(
    desk: Desk, dovecot: Dovecot, set_up: SetUp
) -> None:
    dovecot.put(mails(2))
    set_up()
    run(desk)
    with desk.session() as session:
        session.get_one(Mailbox, 1).uid_validity = "1"
    assert run(desk).complete
    assert kept(desk) == subjects(2)


def test_a_huge_mail_and_one_with_endless_lines_do_not_block_the_rest(
    desk: Desk, dovecot: Dovecot, set_up: SetUp
) -> None:
    huge = b"Subject: huge\r\n\r\n" + b"y" * 200_000 + b"\r\n" + (b"z" * 900 + b"\r\n") * 3_000
    dovecot.put([huge, *mails(1)])
    for front in ("imap tls", "pop3 tls"):
        set_up(front)
        assert run(desk).complete
    with desk.reading() as session:
        assert session.scalar(select(func.max(func.length(ReturnedMail.raw)))) <= 1_000_000
    assert kept(desk) == ["huge", "number 0"]
