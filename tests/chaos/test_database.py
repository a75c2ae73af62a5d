"""F3, F4, F19: no room, a locked or lost database, records that a restarted machine cannot trust."""

import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.chaos.conftest import Begin
from tests.chaos.harness import Trial, files_in, hold_lock
from tests.chaos.invariants import assert_invariants
from tests.chaos.only import only_long, some
from tests.chaos.proxy import PostgresProxy
from tests.chaos.senders import kill, until
from tests.chaos.witness import Witness
from transports.testing.listener import Drip
from webapp.db import utcnow
from webapp.mail.models import SenderProcess
from webapp.mail.outbox.claim import LARGEST

MEGABYTE = 1024 * 1024
CLAIM, RECORD, START = (
    "UPDATE lease_counter",
    "INTO attempts",
    "INTO sender_processes",
)  # said in such transactions
SLOW = Drip("250 2.0.0 Ok", 0.005)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 48 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48m", "none", place], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("only root can mount a small file system")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


@pytest.mark.parametrize("leave", (8 * MEGABYTE, 0))
@only_long
def test_f03_a_full_disk_stops_the_sending_and_loses_nothing(
    begin: Begin, witness: Witness, small_disk: Path, many: int, leave: int
) -> None:
    """In the middle the disk fills up: until little is left, and until nothing is; six seconds later there is room again."""
    trial = begin(witness, small_disk / "instance")
    trial.log = small_disk.parent / "worker.log"
    trial.use()
    witness.on("DOT", SLOW)
    trial.mail(many)
    trial.work()
    trial.until_taken(many // 4)
    ballast = small_disk / "ballast"
    _fill(ballast, shutil.disk_usage(small_disk).free - leave)
    time.sleep(3)
    quiet = len(witness.began)
    time.sleep(3)
    still = len(witness.began) - quiet
    ballast.unlink()
    witness.forget()
    trial.settle()
    tally = assert_invariants(trial, unknown=8)
    assert still == 0, "bodies left although their outcome could not be kept"
    assert tally["sent"] + tally["unknown"] == many


@only_long
def test_f03_a_full_mail_folder_defers(begin: Begin, witness: Witness, small_disk: Path) -> None:
    """The transport is the folder, whose disk is full; the rest of the instance has room."""
    trial = begin(witness)
    (trial.home / "mail").rmdir()
    (trial.home / "mail").symlink_to(small_disk)
    trial.use("folder", name="outbox")
    trial.taken = files_in(small_disk)
    _fill(small_disk / "ballast", shutil.disk_usage(small_disk).free)
    trial.mail(20)
    trial.work()
    time.sleep(4)
    assert trial.count("failed") == trial.count("sent") == 0
    (small_disk / "ballast").unlink()
    until(lambda: _kept_alive(trial) and trial.count("sent") + trial.count("unknown") == 20, 100)
    assert_invariants(trial, unknown=2)


def test_f04_a_database_locked_for_seconds_costs_nothing(trial: Trial, many: int) -> None:
    """Another program holds BEGIN EXCLUSIVE for three seconds in the middle."""
    trial.use()
    trial.mail(many)
    trial.work()
    trial.until_taken(trial.chance.randrange(1, many // 2))
    let_go = hold_lock(trial)
    time.sleep(3)
    let_go()
    trial.settle()
    assert assert_invariants(trial, unknown=0)["sent"] == many


@only_long
def test_f04_a_database_locked_beyond_the_wait_stops_and_goes_on(trial: Trial, many: int) -> None:
    """BEGIN EXCLUSIVE for 40 seconds; we wait 30 for a lock."""
    trial.use()
    trial.mail(many)
    trial.work()
    trial.until_taken(trial.chance.randrange(1, many // 2))
    let_go = hold_lock(trial)
    time.sleep(40)
    let_go()
    trial.settle()
    assert assert_invariants(trial, unknown=0)["sent"] == many


@pytest.fixture
def postgres(
    begin: Begin, witness: Witness, postgres_url: str, seed: int
) -> Iterator[tuple[Trial, PostgresProxy]]:
    """An instance on PostgreSQL whose workers reach it through a proxy that can fail."""
    with PostgresProxy(postgres_url) as proxy:
        trial = begin(witness, OFFERPOST_DATABASE_URL=postgres_url)
        yield trial, proxy
        for sender in trial.senders:
            if sender.alive:
                sender.kill_all()


@pytest.mark.postgres
@only_long
def test_f04_postgresql_gone_for_seconds_costs_nothing(
    postgres: tuple[Trial, PostgresProxy], many: int
) -> None:
    """In the middle every connection to PostgreSQL breaks and none is taken for three seconds."""
    trial, proxy = postgres
    trial.use()
    trial.witness.on("DOT", SLOW)
    trial.mail(many)
    trial.work(OFFERPOST_DATABASE_URL=proxy.url)
    trial.until_taken(trial.chance.randrange(1, many // 2))
    proxy.fall()
    time.sleep(3)
    proxy.down = False
    trial.settle()
    assert assert_invariants(trial, unknown=0)["sent"] == many


@pytest.mark.postgres
@pytest.mark.parametrize("what", some((CLAIM, RECORD, START), CLAIM))
def test_f04_a_commit_whose_answer_is_lost_costs_nothing(
    postgres: tuple[Trial, PostgresProxy], many: int, what: str
) -> None:
    """PostgreSQL commits a claim, a record of outcomes or the sender's start, and the line breaks before we hear of it."""
    trial, proxy = postgres
    trial.use()
    trial.mail(many)
    proxy.lose_the_commit_of(what, after=0 if what == START else trial.chance.randrange(3))
    trial.work(OFFERPOST_DATABASE_URL=proxy.url)
    until(lambda: proxy.lost_commits, what="a lost commit")
    trial.settle()
    assert assert_invariants(trial, unknown=0)["sent"] == many


@pytest.mark.postgres
@only_long
def test_f18_a_frozen_sender_whose_mails_were_settled_corrects_them_when_it_wakes(
    postgres: tuple[Trial, PostgresProxy], tmp_path: Path, many: int
) -> None:
    """One of two senders is frozen beyond its lease and for two minutes of silence (set back in the database), then thawed."""
    trial, _ = postgres
    trial.use(connections=4)
    trial.witness.on("DOT", SLOW)
    trial.mail(many)
    first = trial.work(OFFERPOST_LEASE_SECONDS="2")
    trial.until_taken(trial.chance.randrange(1, many // 3))
    pids = first.freeze(parent=True)
    time.sleep(2.2)
    with trial.desk.session() as session:
        for process in session.scalars(select(SenderProcess)):
            process.beat_at = utcnow().replace(year=2020)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(trial.home / "offerpost.key", elsewhere)
    second = trial.work(OFFERPOST_HOME=str(elsewhere))
    until(lambda: trial.count("sending") + trial.count("queued") == 0 or trial.count("unknown") > 0)
    for pid in pids:
        os.kill(pid, 18)
    until(lambda: trial.count("unknown") <= 8, what="the correction")
    trial.settle()
    assert_invariants(trial, unknown=8)
    assert second.stop() == 0


@pytest.mark.postgres
@only_long
def test_f17_two_senders_on_postgresql_share_and_one_is_killed(
    postgres: tuple[Trial, PostgresProxy], many: int
) -> None:
    """Three workers send one mailing; one of them is killed -9 in the middle."""
    trial, _ = postgres
    trial.use(connections=6)
    trial.witness.on("DOT", SLOW)
    trial.mail(many)
    workers = [trial.work() for _ in range(3)]
    trial.until_taken(many // 3)
    trial.chance.choice(workers).kill_all()
    trial.settle()
    assert_invariants(trial, unknown=12)


def test_f19_records_of_another_boot_are_not_trusted(trial: Trial, many: int) -> None:
    """All processes die, and the journals carry the id of an earlier start of the machine, as after a power loss."""
    trial.use()
    trial.witness.on("DOT", SLOW)
    trial.mail(many)
    sender = trial.work()
    trial.until_taken(trial.chance.randrange(1, many // 2))
    sender.kill_all()
    claimed = trial.count("sending")
    assert (
        claimed <= LARGEST
    )  # no more than one claimed group, as what is answered is recorded before more is claimed
    [boot] = (trial.home / "spool").glob("sender-*/boot")
    boot.write_text("an-earlier-start")
    trial.witness.forget()
    trial.work()
    trial.settle()
    assert assert_invariants(trial, unknown=claimed)["unknown"] > claimed / 2  # noted answers stay known


@only_long
def test_f19_a_copy_of_the_disk_taken_in_the_middle_loses_nobody(
    begin: Begin, trial: Trial, tmp_path: Path, many: int
) -> None:
    """The instance is copied while it sends (database, WAL, journals, as after a power loss) and started from the copy."""
    trial.use()
    trial.witness.on("DOT", SLOW)
    trial.mail(many)
    sender = trial.work()
    trial.until_taken(trial.chance.randrange(1, many // 2))
    sender.freeze(parent=True)
    copy = tmp_path / "copy"
    shutil.copytree(trial.home, copy, ignore=_no_pipes)
    for pid in [sender.process.pid, *sender.children()]:
        kill(pid)
    [boot] = (copy / "spool").glob("sender-*/boot")
    boot.write_text("an-earlier-start")
    trial.witness.forget()
    restored = Trial(copy, trial.witness, random.Random(0), {})
    try:
        restored.expected = trial.expected
        restored.work()
        restored.settle()
        assert_invariants(restored, unknown=1000)
        trial.tally = restored.tally
    finally:
        restored.close()


def _no_pipes(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if (Path(folder) / name).is_fifo()]


def _fill(path: Path, size: int) -> None:
    with path.open("wb") as file:
        try:
            while file.tell() < size:
                file.write(bytes(min(64 * 1024, size - file.tell())))
                file.flush()
        except OSError:
            return


def _kept_alive(trial: Trial) -> bool:
    if trial.count("deferred"):
        trial.let_time_pass()
    return True
