"""Processes die in the middle of a mailing: nobody is lost, nobody is mailed twice, it goes on by itself."""

from collections.abc import Callable

import pytest

from tests.mail.sender.conftest import StartWorker
from tests.mail.sender.running import (
    arrived,
    assert_truthful,
    now_of,
    states,
    until,
    until_over,
)
from transports.testing.smtp_server import SmtpServer
from webapp.desk import Desk
from webapp.mail.models import Mailing
from webapp.mail.outbox import control

Start = Callable[..., Mailing]
IN_FLIGHT = 4 * 2  # connections, and one mail read ahead on each


def test_killed_children_lose_and_double_nobody(
    desk: Desk, smtp: SmtpServer, mailing_to: Start, worker: StartWorker
) -> None:
    mailing = mailing_to(1_000)
    running = worker()
    for so_far in (100, 400, 700):
        until(lambda so_far=so_far: len(smtp.inbox) > so_far)
        running.kill_a_child()
    over = until_over(desk, mailing)
    assert over.counts["unknown"] <= 3 * IN_FLIGHT
    assert over.counts["sent"] + over.counts["unknown"] == 1_000
    assert_truthful(desk, mailing, smtp)
    assert running.stop() == 0


def test_a_killed_parent_loses_and_doubles_nobody(
    desk: Desk, smtp: SmtpServer, mailing_to: Start, worker: StartWorker
) -> None:
    mailing = mailing_to(1_000)
    for so_far in (100, 500):
        running = worker()
        until(lambda so_far=so_far: len(smtp.inbox) > so_far)
        running.kill()
    running = worker()
    over = until_over(desk, mailing)
    assert over.counts["unknown"] == 0  # the children outlived their parent long enough to note every answer
    assert over.counts["sent"] == 1_000
    assert_truthful(desk, mailing, smtp)
    assert running.stop() == 0


def test_kill_all_and_start_again(
    desk: Desk, smtp: SmtpServer, mailing_to: Start, worker: StartWorker
) -> None:
    mailing = mailing_to(1_000)
    running = worker()
    until(lambda: len(smtp.inbox) > 300)
    running.kill_a_child()
    running.kill()
    worker()
    over = until_over(desk, mailing)
    assert over.counts["unknown"] <= IN_FLIGHT
    assert_truthful(desk, mailing, smtp)


def test_a_killed_child_loses_nobody_in_the_folder(
    desk: Desk, environ: dict[str, str], mailing_to: Start, worker: StartWorker
) -> None:
    mailing = mailing_to(300, server={"kind": "folder", "values": {"name": "outbox"}, "connections": 1})
    running = worker()
    until(lambda: now_of(desk, mailing).counts["sent"] > 60)
    running.kill_a_child()
    over = until_over(desk, mailing)
    files = list(desk.config.mail_folder.rglob("*.eml"))
    assert over.counts["unknown"] <= 1
    assert over.counts["sent"] <= len(files) <= 300


def test_a_second_sender_stands_by_and_takes_over(
    desk: Desk, smtp: SmtpServer, mailing_to: Start, worker: StartWorker
) -> None:
    mailing = mailing_to(600)
    first, second = worker(), worker()
    until(lambda: len(smtp.inbox) > 100)
    assert sorted(len(one.children()) for one in (first, second)) == [0, 1]
    busy, idle = (first, second) if first.children() else (second, first)
    busy.kill()
    assert until_over(desk, mailing).counts["sent"] == 600
    assert_truthful(desk, mailing, smtp)
    assert idle.stop() == 0


def test_sigterm_ends_in_order_and_gives_the_rest_back(
    desk: Desk, smtp: SmtpServer, mailing_to: Start, worker: StartWorker
) -> None:
    mailing = mailing_to(1_000)
    running = worker()
    until(lambda: len(smtp.inbox) > 100)
    assert running.stop() == 0
    assert states(desk).keys() <= {"sent", "queued"}
    assert states(desk)["sent"] == len(smtp.inbox)
    assert list(desk.config.spool.glob("sender-*")) == []
    worker()
    assert until_over(desk, mailing).counts["sent"] == 1_000
    assert_truthful(desk, mailing, smtp)


def test_a_line_cut_after_the_dot_is_unknown_and_keeps_its_message_id_when_sent_again(
    desk: Desk, smtp: SmtpServer, mailing_to: Start, worker: StartWorker
) -> None:
    smtp.cut("DOT", times=1)
    mailing = mailing_to(5)
    worker()
    over = until_over(desk, mailing)
    assert (over.state, over.counts["unknown"], over.counts["sent"]) == ("finished_with_failures", 1, 4)
    with desk.session() as session:
        control.resend(session, mailing.id, "unknown")
    assert until_over(desk, mailing).state == "finished"
    twice = [address for address, count in arrived(smtp).items() if count == 2]
    assert len(twice) == 1
    copies = [mail.data for mail in smtp.inbox if mail.recipients[0] == twice[0]]
    assert len({_message_id(copy) for copy in copies}) == 1


def test_a_database_that_is_locked_for_a_while_costs_nothing(
    desk: Desk, smtp: SmtpServer, mailing_to: Start, worker: StartWorker
) -> None:
    mailing = mailing_to(400)
    worker()
    until(lambda: len(smtp.inbox) > 50)
    with desk.writing.begin() as session:
        control.resume(session, mailing.id)
        session.connection().exec_driver_sql("UPDATE mailings SET kind = kind")
        before = len(smtp.inbox)
        until(lambda: len(smtp.inbox) >= before)
        import time

        time.sleep(1.5)
    assert until_over(desk, mailing).counts["sent"] == 400
    assert_truthful(desk, mailing, smtp)


def _message_id(data: bytes) -> bytes:
    return next(line for line in data.split(b"\r\n") if line.lower().startswith(b"message-id:"))


pytestmark = pytest.mark.timeout(90)
