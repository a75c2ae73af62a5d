"""F1, F2, F21: processes end in the middle."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.chaos.harness import Trial, hold_lock
from tests.chaos.invariants import assert_invariants
from tests.chaos.only import only_long, some
from tests.chaos.senders import ROOT, until

IN_FLIGHT = 4 * 2  # connections, and one mail read ahead on each
LARGE = "<p>" + "Long words. " * 20_000 + "</p>"
EVERY_STEP = ("BANNER", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "BODY", "NEARLY", "DOT", "ANSWERED")
LATE_STEPS = ("MAIL", "RCPT", "DATA", "BODY", "NEARLY", "DOT", "ANSWERED")
ONCE_PER_LINE = ("BANNER", "EHLO", "AUTH")
WHO = ("all", "child", "parent")


@pytest.mark.parametrize("step", some(EVERY_STEP, "RCPT", "BODY", "DOT", "ANSWERED"))
def test_f01_kill_9_at_any_step_loses_and_doubles_nobody(
    trial: Trial, many: int, seed: int, step: str
) -> None:
    """The server pauses at a step of a mail taken by chance and kills -9 the sending child, its parent, or both."""
    who = WHO[(seed + EVERY_STEP.index(step)) % 3]
    trial.use()
    large = step == "NEARLY"
    people = min(many, 60) if large else many
    after = trial.chance.randrange(3) if step in ONCE_PER_LINE else trial.chance.randrange(people // 2)
    trial.mail(people, html=LARGE if large else "")
    sender = trial.work()
    kill = {"child": sender.kill_children, "parent": sender.kill_parent, "all": sender.kill_all}[who]
    died: list[str] = []
    trial.witness.at(step, lambda: died.append(kill() or step), after=after)
    until(lambda: died, what=f"the kill at {step}")
    if who != "child":
        trial.work()
    trial.settle()
    assert_invariants(trial, unknown=IN_FLIGHT)


def test_f01_killed_between_answer_and_record_is_known_from_the_journal(trial: Trial, many: int) -> None:
    """The database is locked; answers come, so they are in the journal only; then parent and child are killed -9."""
    trial.use()
    trial.mail(many)
    sender = trial.work()
    trial.until_taken(many // 4)
    let_go = hold_lock(trial)
    lines = trial.home / "spool"
    until(
        lambda: any(b"D " in path.read_bytes() for path in lines.rglob("*.journal")),
        what="an answer in the journal",
    )
    sender.kill_all()
    let_go()
    trial.work()
    trial.settle()
    assert_invariants(trial, unknown=IN_FLIGHT)


@only_long
def test_f01_killed_after_the_claim_gives_every_mail_back(trial: Trial, many: int) -> None:
    """Mails are claimed and committed, no connection is open yet; parent and child are killed -9."""
    trial.use()
    trial.mail(many)
    sender = trial.work()
    until(lambda: trial.count("sending") > 0)
    sender.kill_all()
    trial.work()
    trial.settle()
    assert_invariants(trial, unknown=IN_FLIGHT)


@only_long
def test_f01_killed_at_quit_is_sent(trial: Trial) -> None:
    """SIGTERM after the last mail; at QUIT the child is killed -9."""
    trial.use()
    trial.mail(20)
    sender = trial.work()
    trial.settle()
    trial.witness.at("QUIT", sender.kill_children)
    assert sender.stop() == 0
    assert assert_invariants(trial, unknown=0)["sent"] == 20


@only_long
def test_f01_killed_again_and_again_it_still_ends(trial: Trial, many: int) -> None:
    """Whoever sends is killed -9 five times in one mailing, at steps taken by chance."""
    trial.use()
    trial.mail(many)
    for _ in range(5):
        sender = trial.work()
        died: list[bool] = []
        trial.witness.at(
            trial.chance.choice(LATE_STEPS[:4] + LATE_STEPS[5:]),
            lambda sender=sender, died=died: died.append(sender.kill_all() is None),
            after=trial.chance.randrange(many // 8),
        )
        until(lambda died=died: died, what="the kill")
    trial.work()
    trial.settle()
    assert_invariants(trial, unknown=5 * IN_FLIGHT)


EXPAND = """
import sys
from tests.mail.conftest import mail_to
from webapp.config import Config
from webapp.wiring import open_desk
desk = open_desk(Config.from_environment())
with desk.session() as session:
    print("begin", flush=True)
    mail_to(session, [f"p{n}@x.example" for n in range(int(sys.argv[1]))], server_id=None)
"""


@only_long
def test_f02_a_kill_while_the_list_is_made_leaves_all_of_it_or_nothing(trial: Trial, many: int) -> None:
    """The process that turns a list into rows is killed -9 in the middle, five times; then it is started again."""
    trial.use()
    count = many * 40
    for _ in range(5):
        process = _expand(trial, count)
        time.sleep(trial.chance.uniform(0.0, 0.15))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert sum(trial.states().values()) in (0, count)
        if trial.states():
            break
    if not trial.states():
        _expand(trial, count).communicate(timeout=60)
    assert trial.count("queued") == count
    trial.expected = [f"p{n}@x.example" for n in range(count)]
    assert_invariants(trial, drained=False)


def _expand(trial: Trial, count: int) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        [sys.executable, "-c", EXPAND, str(count)],
        env={**os.environ, **trial.environ, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"begin\n"
    return process


@pytest.mark.parametrize("step", some(("DATA", "BODY", "DOT"), "DOT"))
def test_f21_sigterm_finishes_what_is_on_the_line_and_gives_the_rest_back(
    trial: Trial, many: int, step: str
) -> None:
    """SIGTERM while a mail is between DATA and the answer to its dot."""
    trial.use()
    trial.mail(many)
    sender = trial.work()
    asked: list[bool] = []

    def terminate() -> None:
        sender.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        asked.append(True)

    trial.witness.at(step, terminate, after=trial.chance.randrange(many // 2))
    until(lambda: asked)
    assert sender.process.wait(30) == 0
    assert set(trial.states()) <= {"sent", "queued"}
    assert list((trial.home / "spool").glob("sender-*")) == []
    trial.work()
    trial.settle()
    assert assert_invariants(trial, unknown=0)["sent"] == many


@only_long
def test_f21_sigterm_to_every_process_at_once_is_as_good(trial: Trial, many: int) -> None:
    """A reboot: SIGTERM goes to parent and children alike."""
    trial.use()
    trial.mail(many)
    sender = trial.work()
    trial.until_taken(many // 3)
    for pid in sender.children():
        os.kill(pid, signal.SIGTERM)
    assert sender.stop() == 0
    trial.work()
    trial.settle()
    assert assert_invariants(trial, unknown=0)["sent"] == many
