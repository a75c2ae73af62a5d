"""F17, F28: more senders than there should be, and fewer means than they would like."""

import contextlib
import resource
import shutil
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.chaos.conftest import Begin
from tests.chaos.harness import Trial
from tests.chaos.invariants import assert_invariants
from tests.chaos.only import only_long
from tests.chaos.senders import until
from tests.chaos.witness import Witness
from transports.testing.listener import Drip
from webapp.mail.models import OutboxMail, SenderProcess

SLOW = Drip("250 2.0.0 Ok", 0.005)


def test_f17_senders_started_twice_at_once_mail_everybody_once(trial: Trial, many: int) -> None:
    """Three workers are started at the same moment on one SQLite instance; the one that sends is killed -9 in the middle."""
    trial.use()
    trial.witness.on("DOT", SLOW)
    trial.mail(many)
    workers = [trial.work() for _ in range(3)]
    trial.until_taken(trial.chance.randrange(1, many // 2))
    [busy] = [worker for worker in workers if worker.children()]
    busy.kill_all()
    trial.settle()
    assert_invariants(trial, unknown=8)
    assert [worker.stop() for worker in workers if worker is not busy] == [0, 0]


@only_long
@pytest.mark.postgres
def test_f17_eight_processes_of_four_senders_mail_everybody_once(
    begin: Begin, witness: Witness, postgres_url: str, many: int
) -> None:
    """Four workers with two processes each are started at the same moment on PostgreSQL and share one folder."""
    trial = begin(witness, OFFERPOST_DATABASE_URL=postgres_url)
    trial.use(connections=16)
    trial.mail(many * 4)
    workers = [trial.work("--processes", "2") for _ in range(4)]
    trial.settle(90)
    assert assert_invariants(trial, unknown=0)["sent"] == many * 4
    assert [worker.stop() for worker in workers] == [0] * 4


@only_long
@pytest.mark.postgres
def test_f17_one_of_three_machines_on_one_postgresql_is_gone(
    begin: Begin, witness: Witness, postgres_url: str, tmp_path: Path, many: int
) -> None:
    """Three workers with folders of their own share a PostgreSQL; one with its two processes is killed -9, its folder is lost."""
    trial = begin(witness, OFFERPOST_DATABASE_URL=postgres_url)
    trial.use(connections=12)
    witness.on("DOT", SLOW)
    trial.mail(many * 2)
    homes = [_another_machine(trial, tmp_path / f"machine-{number}") for number in range(3)]
    workers = [trial.work("--processes", "2", OFFERPOST_HOME=str(home)) for home in homes]
    until(lambda: all(len(worker.children()) == 2 for worker in workers), what="three senders")
    trial.until_taken(trial.chance.randrange(many // 4, many // 2))
    lost = trial.chance.randrange(3)
    workers[lost].kill_all()
    shutil.rmtree(homes[lost])
    claimed = trial.count("sending")
    with trial.desk.session() as session:  # nobody waits two minutes for a silent sender and its lease
        dead = session.scalars(
            select(SenderProcess).where(SenderProcess.pid == workers[lost].process.pid)
        ).one()
        dead.beat_at = dead.beat_at.replace(year=2020)
        ours = OutboxMail.lease_sender == dead.id
        session.execute(update(OutboxMail).where(ours).values(lease_until=dead.beat_at))
    trial.settle(90)
    assert_invariants(trial, unknown=claimed)
    assert [worker.stop() for worker in workers if worker is not workers[lost]] == [0, 0]


def _another_machine(trial: Trial, home: Path) -> Path:
    home.mkdir()
    shutil.copy(trial.home / "offerpost.key", home)
    return home


@only_long
@pytest.mark.parametrize("files", (32, 40, 56))
def test_f28_with_few_file_descriptors_it_sends_over_fewer_connections(
    trial: Trial, many: int, files: int
) -> None:
    """The sender may open 32, 40 or 56 files; 40 connections are wanted."""
    trial.use(connections=40)
    trial.witness.on("DOT", SLOW)
    trial.mail(many)
    trial.work(prepare=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files)))
    trial.settle(100)
    assert_invariants(trial, unknown=80)


@only_long
@pytest.mark.parametrize("megabytes", (110, 120, 130, 150))
def test_f28_with_too_little_memory_it_sends_or_ends_and_loses_nobody(
    trial: Trial, many: int, megabytes: int
) -> None:
    """Two processes get so many megabytes of address space each for mails of 300 KB; if they end, the next get more."""
    trial.use(connections=8)
    trial.witness.on("DOT", SLOW)
    trial.mail(many, html=LARGE)
    most = megabytes * 2**20
    poor = trial.work(
        "--processes", "2", prepare=lambda: resource.setrlimit(resource.RLIMIT_AS, (most, most))
    )
    with contextlib.suppress(AssertionError):
        until(lambda: not poor.alive or trial.count("sent") == many, 10)
    if poor.alive:
        poor.stop()
    trial.work("--processes", "2")  # as `offerpost serve` and service managers do
    trial.settle(90)
    assert_invariants(trial, unknown=16)


LARGE = f"<p>[=Affiliate.FirstName|there=] {'gold ' * 60_000}</p>"
