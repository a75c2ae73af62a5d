"""The journal of a child, and what is made of it after a death."""

import contextlib
import os
import resource
import signal
import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.mail.conftest import mail_to
from tests.mail.outbox.claiming import claimed
from webapp.desk import Desk
from webapp.mail.models import OutboxMail
from webapp.mail.sender import journal, recovery, spool
from webapp.mail.sender.journal import Account, Journal
from webapp.mail.sender.results import Result


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "child.journal"


@pytest.fixture
def book(path: Path) -> Journal:
    return Journal(path, journal.create(path))


def told(path: Path) -> Account:
    account = Account()
    account.read(path)
    return account


def test_it_knows_what_began_and_what_ended(path: Path, book: Journal) -> None:
    book.begin(1, 5)
    book.begin(2, 5)
    book.done(Result(1, 5, "accepted", code="250 2.0.0", detail="Ok é\nB 3 5"))
    assert told(path).begun == {1: 5, 2: 5}
    assert told(path).done == {1: Result(1, 5, "accepted", code="250 2.0.0", detail="Ok é\nB 3 5")}


def test_a_torn_or_damaged_line_is_passed_over(path: Path, book: Journal) -> None:
    book.done(Result(1, 5, "accepted"))
    whole = path.read_bytes().rstrip(b"\0")
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        assert told(path).done in ({}, {1: Result(1, 5, "accepted")})
    path.write_bytes(whole.replace(b"accepted", b"rejected"))
    assert told(path).done == {}


def test_a_line_for_which_the_disk_has_no_room_is_refused_and_hurts_no_other(
    path: Path, book: Journal
) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size // 2, before[1]))
    fitted = 0
    try:
        with pytest.raises(OSError, match="No space"):
            for fitted in range(1, 200_000):
                book.begin(fitted, 5)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert told(path).begun.keys() == set(range(1, fitted))
    book.begin(fitted, 6)
    assert told(path).begun.keys() == set(range(1, fitted + 1))


def test_it_is_empty_when_everything_is_recorded(path: Path, book: Journal) -> None:
    book.begin(1, 5)
    book.done(Result(1, 5, "accepted"))
    book.recorded([1])
    assert told(path) == Account()
    book.begin(2, 5)
    assert told(path).begun == {2: 5}


def test_lines_outlive_a_killed_process(path: Path) -> None:
    descriptor = journal.create(path)
    child = os.fork()
    if child == 0:
        book = Journal(path, descriptor)
        book.begin(1, 5)
        book.done(Result(1, 5, "accepted"))
        book.begin(2, 5)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert told(path).begun == {1: 5, 2: 5}
    assert told(path).done == {1: Result(1, 5, "accepted")}


def test_what_is_open_survives_when_it_is_made_small(path: Path, book: Journal) -> None:
    book.begin(0, 5)
    for number in range(1, 9_000):
        book.begin(number, 5)
        book.done(Result(number, 5, "accepted", detail="x" * 60))
        book.recorded([number])
    assert path.stat().st_size < 1_200_000
    assert told(path).begun[0] == 5
    book.begin(9_001, 6)
    assert told(path).begun[9_001] == 6
    assert spool.lock_existing(path) is None  # the new file is locked as the old one was


def test_a_live_journal_is_never_reclaimed(path: Path, book: Journal) -> None:
    book.begin(1, 5)
    assert recovery.of_child(path, {}) is None


def folder_of(desk: Desk, sender_id: int, lines: bytes) -> spool.SenderFolder:
    folder = spool.SenderFolder.of(desk.config.spool, sender_id)
    os.close(folder.create())
    (folder.path / "child-1.journal").write_bytes(lines)
    return folder


def states(desk: Desk) -> dict[str, str]:
    with desk.reading() as session:
        return {row.address: row.state for row in session.scalars(select(OutboxMail))}


@pytest.fixture
def lease(desk: Desk) -> int:
    """Three mails claimed by sender 7, with the ids 1, 2 and 3."""
    with desk.session() as session:
        mail_to(session, ["ended@x.example", "begun@x.example", "waiting@x.example"])
    return claimed(desk)[0].lease


def account_of(path: Path, lease: int) -> bytes:
    book = Journal(path, journal.create(path))
    book.begin(1, lease)
    book.done(Result(1, lease, "accepted", 1))
    book.begin(2, lease)
    return path.read_bytes()


def test_a_dead_sender_is_settled_by_its_journal(desk: Desk, path: Path, lease: int) -> None:
    folder = folder_of(desk, 7, account_of(path, lease))
    with desk.session() as session:
        assert recovery.of_folder(session, folder)
    assert states(desk) == {
        "ended@x.example": "sent",
        "begun@x.example": "unknown",
        "waiting@x.example": "queued",
    }


def test_after_a_restart_of_the_machine_only_answers_are_believed(desk: Desk, path: Path, lease: int) -> None:
    folder = folder_of(desk, 7, account_of(path, lease))
    (folder.path / spool.BOOT).write_text("another boot")
    with desk.session() as session:
        assert recovery.of_folder(session, folder)
    assert states(desk) == {
        "ended@x.example": "sent",
        "begun@x.example": "unknown",
        "waiting@x.example": "unknown",
    }


def test_a_folder_that_is_gone_makes_the_claim_unknown(desk: Desk, lease: int) -> None:
    with desk.session() as session:
        recovery.of_the_lost(session, own_id=8, alive=set(), alone=True)
    assert set(states(desk).values()) == {"unknown"}


def test_a_sender_elsewhere_keeps_its_mails_while_its_lease_runs(desk: Desk, lease: int) -> None:
    with desk.session() as session:
        recovery.of_the_lost(session, own_id=8, alive=set(), alone=False)
    assert set(states(desk).values()) == {"sending"}


def test_a_sender_that_lives_is_left_alone(desk: Desk, path: Path, lease: int) -> None:
    folder = spool.SenderFolder.of(desk.config.spool, 7)
    held = folder.create()
    with desk.session() as session:
        assert not recovery.of_folder(session, folder)
    os.close(held)
    assert set(states(desk).values()) == {"sending"}


def test_a_claim_whose_commit_was_never_confirmed_goes_back(desk: Desk, lease: int) -> None:
    with desk.session() as session:
        ids = list(session.scalars(select(OutboxMail.id).order_by(OutboxMail.id)))
        sender_id = session.scalar(select(OutboxMail.lease_sender).limit(1))
        assert sender_id is not None
        recovery.of_the_unheld(session, sender_id, held={ids[0]})
    assert sorted(states(desk).values()) == ["queued"] * (len(ids) - 1) + ["sending"]


def test_a_sender_that_starts_is_never_taken_for_a_dead_one(tmp_path: Path) -> None:
    over, taken = threading.Event(), []

    def sweep() -> None:
        while not over.is_set():
            for folder in spool.SenderFolder.every(tmp_path):
                with contextlib.suppress(FileNotFoundError):
                    if (held := spool.lock(folder.lock_file)) is not None:
                        taken.append(folder.sender_id)
                        os.close(held)

    sweeper = threading.Thread(target=sweep)
    sweeper.start()
    held = [spool.SenderFolder.of(tmp_path, number).create() for number in range(300)]
    over.set()
    sweeper.join()
    for descriptor in held:
        os.close(descriptor)
    assert taken == []
