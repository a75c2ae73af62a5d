"""F17, F28: more senders than there should be, and fewer means than they would like."""

import resource

import pytest

from tests.chaos.conftest import Begin
from tests.chaos.harness import Trial
from tests.chaos.invariants import assert_invariants
from tests.chaos.only import only_long
from tests.chaos.witness import Witness
from transports.testing.listener import Drip

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
