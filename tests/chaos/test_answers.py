"""F5 to F13, F22, F23: a next hop that drops, hangs, drips, floods and refuses; people who pause and cancel."""

import time
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.chaos.harness import Trial, execute
from tests.chaos.invariants import assert_invariants
from tests.chaos.only import only_long, some
from tests.chaos.senders import until
from tests.mail.conftest import draft
from transports.testing.listener import Cut, Drip, Flood, Hang
from webapp.mail import suppressions
from webapp.mail.models import OutboxMail
from webapp.mail.outbox import control
from webapp.mail.outbox.enqueue import enqueue_one

MEGABYTE = 1024 * 1024


@pytest.mark.parametrize("reset", some((False, True), True))
def test_f05_a_line_cut_after_the_dot_is_unknown_and_never_sent_again_by_itself(
    trial: Trial, many: int, reset: bool
) -> None:
    """The server takes three mails whole and drops the line instead of answering (closed, or torn down)."""
    trial.use()
    trial.witness.cut("DOT", times=3, after=trial.chance.randrange(many // 2), reset=reset)
    trial.mail(many)
    trial.work()
    tally = trial.settle() and assert_invariants(trial, unknown=3)
    assert (tally["unknown"], tally["delivered"]) == (3, many)


@only_long
def test_f05_what_a_person_sends_again_keeps_its_message_id(trial: Trial) -> None:
    """The line is cut after a dot; a person sends the unknown one again."""
    trial.use()
    trial.witness.cut("DOT", times=1)
    mailing = trial.mail(6)
    trial.work()
    trial.settle()
    [twice] = [one for one in trial.expected if _state(trial, one) == "unknown"]
    trial.resent = {twice}
    with trial.desk.session() as session:
        assert control.resend(session, mailing, "unknown") == 1
    trial.settle()
    assert_invariants(trial, unknown=0)
    assert len({one.message_id for one in trial.taken() if one.recipient == twice}) == 1


@pytest.mark.parametrize(
    "answer", (b"250", b"2x0 what\r\n", b"250-and\r\n", b"999 nonsense\r\n", b"\xff\x00\r\n")
)
@only_long
def test_f06_an_answer_to_the_dot_that_makes_no_sense_is_unknown(trial: Trial, answer: bytes) -> None:
    """Two mails are taken and answered with a torn reply, garbage, a nonsense code, or a continuation without end."""
    trial.use("hasty")
    trial.witness.on("DOT", answer, times=2, after=trial.chance.randrange(10))
    trial.mail(30)
    trial.work()
    trial.settle()
    tally = assert_invariants(trial, unknown=4)
    assert tally["unknown"] >= 1 or answer == b"250-and\r\n"  # the next reply may end it: then it was a 250


@only_long
def test_f06_an_answer_that_makes_no_sense_before_the_body_costs_nothing(trial: Trial) -> None:
    """MAIL, RCPT and DATA are answered with garbage once each."""
    trial.use("hasty")
    for place in ("MAIL", "RCPT", "DATA"):
        trial.witness.on(place, b"~~ 31337 ~~\r\n", times=1, after=trial.chance.randrange(10))  # type: ignore[arg-type]
    trial.mail(30)
    trial.work()
    trial.settle()
    assert assert_invariants(trial, unknown=0)["sent"] == 30


@pytest.mark.parametrize("place", some(("MAIL", "DOT"), "DOT"))
def test_f07_421_is_for_now_and_doubles_nobody(trial: Trial, many: int, place: str) -> None:
    """421 at MAIL, or instead of taking the mail at the dot."""
    trial.use()
    trial.witness.on(place, "421 4.3.2 Closing down", times=3, after=trial.chance.randrange(many // 2))  # type: ignore[arg-type]
    trial.mail(many)
    trial.work()
    until(lambda: trial.count("sent") >= many - 3)
    _drain_deferred(trial)
    assert assert_invariants(trial, unknown=0)["sent"] == many


@only_long
def test_f07_421_at_connect_rests_and_goes_on_by_itself(trial: Trial) -> None:
    """421 instead of a greeting for as long as it takes to give up once; then the server is well again."""
    trial.use()
    trial.witness.on("BANNER", "421 4.3.2 Closing down")
    trial.mail(20)
    trial.work()
    until(lambda: trial.witness.connections > 0 and trial.count("queued") == 20)
    time.sleep(1)
    trial.witness.forget()
    trial.settle(90)
    assert assert_invariants(trial, unknown=0)["sent"] == 20


def test_f08_greylisted_waits_five_minutes_and_comes_back_in_the_same_envelope(trial: Trial) -> None:
    """Each recipient is refused at first with 450; the second try is taken."""
    trial.use()
    trial.mail(8)
    for address in trial.expected:
        trial.witness.on("RCPT", "450 4.2.0 Greylisted", containing=f"<{address}>", times=1)
    trial.work()
    until(lambda: trial.count("deferred") == 8)
    with trial.desk.reading() as session:
        waits = [(row.not_before - row.changed_at).total_seconds() for row in session.query(OutboxMail)]
    assert all(300 <= wait <= 420 for wait in waits)
    trial.let_time_pass()
    trial.settle()
    assert assert_invariants(trial, unknown=0)["sent"] == 8
    assert len({mail.sender for mail in trial.witness.inbox}) == 1


@pytest.mark.parametrize("reply", ("451 4.3.0 Trouble", "452 4.2.2 Mailbox full", "452 4.5.3 Too many"))
@only_long
def test_f09_refused_for_now_at_the_dot_is_deferred(trial: Trial, reply: str) -> None:
    """Three mails are refused for now at the dot; the server does not keep them."""
    trial.use()
    trial.witness.on("DOT", reply, times=3, after=trial.chance.randrange(10))
    trial.mail(30)
    trial.work()
    until(lambda: trial.count("sent") == 27)
    _drain_deferred(trial)
    assert assert_invariants(trial, unknown=0)["sent"] == 30


def test_f10_refusals_fail_the_row_and_bar_only_those_who_do_not_exist(trial: Trial) -> None:
    """One recipient does not exist (5.1.1), one is refused by policy (5.7.1), one is over quota for good (5.2.2)."""
    trial.use()
    trial.witness.reject("p1@x.example", "550 5.1.1 No such user")
    trial.witness.reject("p5@x.example", "550 5.7.1 Not wanted")
    trial.witness.reject("p9@x.example", "552 5.2.2 Over quota")
    mailing = trial.mail(20)
    trial.work()
    trial.settle()
    tally = assert_invariants(trial, unknown=0)
    assert (tally["sent"], tally["failed"]) == (17, 3)
    assert trial.mailing(mailing).state == "finished_with_failures"
    with trial.desk.reading() as session:
        barred = [one.address for one in suppressions.find(session)]
    assert barred == ["p1@x.example"]


@pytest.mark.parametrize(
    ("place", "reply"),
    some(
        (("MAIL", "550 5.1.8 Sender refused"), ("AUTH", "535 5.7.8 Wrong"), ("BANNER", "554 5.7.1 Blocked")),
        ("AUTH", "535 5.7.8 Wrong"),
    ),
)
def test_f10_refusals_of_us_pause_the_server_and_lose_nothing(trial: Trial, place: str, reply: str) -> None:
    """A refused sender, a wrong password, or a refused connection; after the pause a person resumes the server."""
    trial.use()
    trial.witness.on(place, reply)  # type: ignore[arg-type]
    trial.mail(40)
    trial.work()
    until(trial.paused)
    until(lambda: trial.count("sending") == 0)
    tries = [command for command in trial.witness.commands if command.upper().startswith(place.encode())]
    assert_invariants(trial, unknown=0, drained=False)
    assert trial.count("failed") == trial.count("sent") == 0
    assert len(tries) <= (1 if place == "AUTH" else 8)
    trial.witness.forget()
    execute(trial, "UPDATE mail_servers SET paused_at = NULL, paused_reason = '', revision = revision + 1")
    _drain_deferred(trial)
    assert assert_invariants(trial, unknown=0)["sent"] == 40


@only_long
def test_f10_policy_refusals_in_a_row_pause_the_server_and_bar_nobody(trial: Trial, many: int) -> None:
    """From some mail on every recipient is refused with 550 5.7.1."""
    trial.use(connections=1)
    trial.witness.on("RCPT", "550 5.7.1 We do not like you", after=trial.chance.randrange(10))
    trial.mail(many)
    trial.work()
    until(trial.paused)
    until(lambda: trial.count("sending") == 0)
    assert_invariants(trial, unknown=0, drained=False)
    with trial.desk.reading() as session:
        assert suppressions.count(session) == 0
    assert trial.count("failed") < many


@pytest.mark.parametrize("action", ("421 4.3.2 Not now", "500 5.5.1 What?", Cut()))
@only_long
def test_f11_a_bad_end_after_the_answer_changes_nothing(trial: Trial, action: str | Cut) -> None:
    """QUIT is refused, not understood, or the line is dropped."""
    trial.use()
    trial.witness.on("QUIT", action)
    trial.mail(20)
    sender = trial.work()
    trial.settle()
    assert sender.stop() == 0
    assert assert_invariants(trial, unknown=0)["sent"] == 20


@pytest.mark.parametrize("place", ("MAIL", "DATA"))
@only_long
def test_f12_a_trickling_or_silent_answer_before_the_body_costs_nothing(trial: Trial, place: str) -> None:
    """One answer comes a byte at a time and never ends within the deadline; one does not come at all."""
    trial.use("hasty")
    trial.witness.on(place, Drip("250 2.0.0 " + "slow " * 40, 0.1), times=1, after=3)  # type: ignore[arg-type]
    trial.witness.on(place, Hang(), times=1, after=9)  # type: ignore[arg-type]
    trial.mail(30)
    trial.work()
    trial.settle()
    assert assert_invariants(trial, unknown=0)["sent"] == 30


@pytest.mark.parametrize("action", some((Hang(), Drip("250 2.0.0 " + "slow " * 40, 0.1)), Hang()))
def test_f12_a_dot_that_is_not_answered_in_time_is_unknown(trial: Trial, action: Hang | Drip) -> None:
    """The mail is taken; the answer does not come, or trickles, past the deadline (1.5 s here, 10 minutes else)."""
    trial.use("hasty")
    trial.witness.on("DOT", action, times=1, after=trial.chance.randrange(10))
    trial.mail(30)
    trial.work()
    trial.settle()
    assert assert_invariants(trial, unknown=2)["unknown"] >= 1


@only_long
def test_f12_a_server_that_never_reads_our_body_defers(trial: Trial) -> None:
    """After 354 the server reads nothing of a large body."""
    trial.use("hasty", connections=1)
    trial.witness.on("BODY", Hang(), times=1)
    trial.mail(3, html="<p>" + "Much. " * 80_000 + "</p>")
    trial.work()
    until(lambda: trial.count("sent") == 2)
    _drain_deferred(trial)
    assert assert_invariants(trial, unknown=1)["delivered"] >= 2


@pytest.mark.parametrize("place", ("EHLO", "MAIL", "DOT"))
@only_long
def test_f13_an_endless_answer_is_cut_off_and_takes_no_memory(trial: Trial, place: str) -> None:
    """64 MB of continuation lines as one answer."""
    trial.use("hasty")
    trial.witness.on(place, Flood(), times=1, after=0 if place == "EHLO" else 5)  # type: ignore[arg-type]
    trial.mail(20)
    sender = trial.work()
    trial.settle(90)
    assert max(_memory(pid) for pid in sender.children()) < 120 * MEGABYTE
    assert assert_invariants(trial)["sent"] >= 18


def test_f22_one_recipient_who_cannot_be_mailed_fails_alone(trial: Trial) -> None:
    """One address holds a line break."""
    trial.use()
    trial.mail(["good@x.example", "line\nbreak@x.example", "other@x.example"])
    trial.work()
    trial.settle()
    tally = assert_invariants(trial, unknown=0)
    assert (tally["sent"], tally["failed"]) == (2, 1)
    assert trial.states()["failed"] == 1


def test_f23_pause_acts_before_the_next_body_and_resume_goes_on(trial: Trial, many: int) -> None:
    """Paused after a number of mails taken by chance; resumed a second later."""
    trial.use()
    trial.witness.on("DOT", Drip("250 2.0.0 Ok", 0.005))
    mailing = trial.mail(many)
    trial.work()
    trial.until_taken(trial.chance.randrange(3, many // 3))
    with trial.desk.session() as session:
        control.pause(session, mailing)
    begun = len(trial.witness.began)
    time.sleep(1)
    assert len(trial.witness.began) - begun <= 4  # whose last question was asked before the pause
    until(lambda: trial.count("sending") == 0)
    assert trial.mailing(mailing).finished_at is None
    trial.witness.forget()
    with trial.desk.session() as session:
        control.resume(session, mailing)
    trial.settle()
    assert assert_invariants(trial, unknown=0)["sent"] == many


def test_f23_cancelled_and_suppressed_mails_never_leave(trial: Trial, many: int) -> None:
    """In the middle the last recipient leaves the news, then the mailing is cancelled."""
    trial.use()
    trial.witness.on("DOT", Drip("250 2.0.0 Ok", 0.01))
    mailing = trial.mail(many)
    trial.work()
    trial.until_taken(trial.chance.randrange(3, many // 3))
    with trial.desk.session() as session:
        suppressions.add(session, trial.expected[-1], scope="announcement", reason="unsubscribed")
    with trial.desk.session() as session:
        control.cancel(session, mailing)
    begun = len(trial.witness.began)
    trial.settle()
    assert len(trial.witness.began) - begun <= 4
    tally = assert_invariants(trial, unknown=0)
    assert tally["cancelled"] > 0
    assert trial.expected[-1] not in {one.recipient for one in trial.taken()}


def test_f17_the_same_mail_queued_by_many_at_once_is_one_mail(trial: Trial) -> None:
    """Eight threads queue the same reset link at the same moment."""
    from concurrent.futures import ThreadPoolExecutor

    trial.use()

    def queue(_number: int) -> int:
        with trial.desk.session() as session:
            content = draft(kind="operational", html="<p>[=PasswordReset.Link=]</p>")
            link = {"passwordreset.link": "https://desk.northlight.example/reset/1"}
            mail = enqueue_one(
                session,
                trial.desk.vault,
                key="reset:1",
                content=content,
                context="password_reset",
                address="mara@x.example",
                values=link,
            )
            return mail.id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(queue, range(8)))) == 1
    trial.expected = ["mara@x.example"]
    trial.work()
    trial.settle()
    assert assert_invariants(trial, unknown=0)["delivered"] == 1
    assert "reset/1" in str(message_from_bytes(trial.witness.inbox[0].data))


def _drain_deferred(trial: Trial) -> None:
    def over() -> bool:
        if trial.count("deferred"):
            trial.let_time_pass()
        return set(trial.states()) <= {"sent", "failed", "unknown", "suppressed", "cancelled"}

    until(over, what="the end of the queue")


def _state(trial: Trial, address: str) -> str:
    with trial.desk.reading() as session:
        return session.query(OutboxMail).filter_by(address=address).one().state


def _memory(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
