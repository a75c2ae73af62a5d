"""F16, F18: clocks that jump, processes that stand still beyond their lease."""

import shutil
import subprocess
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.chaos.harness import Trial
from tests.chaos.invariants import assert_invariants
from tests.chaos.only import only_long, some
from tests.chaos.senders import thaw, until
from transports.testing.listener import Drip
from webapp.db import utcnow
from webapp.mail.models import OutboxMail

HOUR, DAY = 3_600, 86_400
SLOW = Drip("250 2.0.0 Ok", 0.005)


@pytest.fixture
def clock(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A file that says by how many seconds the sender's wall clock is wrong, and the environment that makes it so."""
    library, wrong = tmp_path / "wrong_clock.so", tmp_path / "clock"
    if shutil.which("cc") is None:
        pytest.skip("needs a C compiler: the wall clock is made wrong by a preloaded library")
    source = Path(__file__).with_name("wrong_clock.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source], check=True)
    wrong.write_text("+0")
    return wrong, {"LD_PRELOAD": str(library), "WRONG_CLOCK": str(wrong)}


@pytest.mark.parametrize("jump", (HOUR, -HOUR, DAY, -DAY))
@only_long
def test_f16_a_clock_that_jumps_and_comes_back_loses_and_doubles_nobody(
    trial: Trial, clock: tuple[Path, dict[str, str]], many: int, jump: int
) -> None:
    """The sender's clock jumps by an hour or a day in the middle, either way, and is set right four seconds later."""
    wrong, faked = clock
    trial.use()
    trial.witness.on("DOT", SLOW)
    trial.mail(many)
    trial.work(**faked)
    trial.until_taken(trial.chance.randrange(1, many // 2))
    wrong.write_text(f"{jump:+d}")
    time.sleep(4)
    wrong.write_text("+0")
    trial.settle()
    assert assert_invariants(trial, unknown=0)["sent"] == many


@only_long
@pytest.mark.parametrize("running", (True, False))
def test_f16_what_was_queued_by_a_clock_that_was_ahead_leaves_when_it_is_right(
    trial: Trial, clock: tuple[Path, dict[str, str]], many: int, running: bool
) -> None:
    """Mail is queued and put off by a clock that is a day ahead; it is set right while the sender runs, or before it starts."""
    wrong, faked = clock
    trial.use()
    trial.witness.on("DOT", SLOW)
    trial.mail(many)
    tomorrow = utcnow() + timedelta(days=1)
    with trial.desk.session() as session:
        due = tomorrow + timedelta(minutes=10)
        session.execute(update(OutboxMail).values(not_before=due, changed_at=tomorrow))
    if running:
        wrong.write_text(f"+{DAY}")
        trial.work(**faked)
        time.sleep(3)
        assert trial.states() == {"queued": many}
        wrong.write_text("+0")
    else:
        trial.work()
    trial.settle()
    assert assert_invariants(trial, unknown=0)["sent"] == many


@only_long
def test_f16_a_clock_ahead_sends_nothing_that_is_greylisted_twice(
    trial: Trial, clock: tuple[Path, dict[str, str]]
) -> None:
    """Every recipient is greylisted while the clock is a day ahead; then it is right again."""
    wrong, faked = clock
    trial.use()
    trial.mail(10)
    for address in trial.expected:
        trial.witness.on("RCPT", "450 4.2.0 Greylisted", containing=f"<{address}>", times=1)
    wrong.write_text(f"+{DAY}")
    trial.work(**faked)
    until(lambda: trial.count("deferred") == 10)
    wrong.write_text("+0")
    time.sleep(4)
    assert trial.count("deferred") == 10
    trial.let_time_pass()
    trial.settle()
    assert assert_invariants(trial, unknown=0)["sent"] == 10


@pytest.mark.parametrize("step", some(("MAIL", "DATA", "DOT"), "DOT"))
def test_f18_a_process_that_stands_still_beyond_its_lease_lets_nothing_leave_afterwards(
    trial: Trial, many: int, step: str
) -> None:
    """SIGSTOP to the sending child while a mail is at a step, SIGCONT when its lease of 2 s is over."""
    trial.use()
    trial.witness.on("DOT", SLOW)
    trial.mail(many)
    sender = trial.work(OFFERPOST_LEASE_SECONDS="2")
    stopped: list[int] = []
    trial.witness.at(step, lambda: stopped.extend(sender.freeze()), after=trial.chance.randrange(many // 2))
    until(lambda: stopped, what="the freeze")
    time.sleep(2.5)
    begun = len(trial.witness.began)
    thaw(stopped)
    until(lambda: len(trial.witness.began) > begun)
    trial.settle()
    assert assert_invariants(trial, unknown=0)["sent"] == many


@only_long
def test_f18_parent_and_child_stand_still_while_another_sender_stands_by(trial: Trial, many: int) -> None:
    """SIGSTOP to everything beyond the lease while a second worker waits; it must not take over what a live process holds."""
    trial.use()
    trial.witness.on("DOT", SLOW)
    trial.mail(many)
    sender = trial.work(OFFERPOST_LEASE_SECONDS="2")
    trial.until_taken(trial.chance.randrange(1, many // 2))
    trial.work()
    pids = sender.freeze(parent=True)
    time.sleep(5)
    thaw(pids)
    trial.settle()
    assert assert_invariants(trial, unknown=0)["sent"] == many
