"""Signs of life, and what the pages say when nothing is sent."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.mail.sender.conftest import StartWorker
from tests.mail.sender.running import states, until
from webapp.affiliates.values import AffiliateValues
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail import heartbeat
from webapp.mail.models import Mailing
from webapp.mail.sender import parent, spool
from webapp.mail.sender.run import run_sender
from webapp.settings.directory import Directory
from webapp.settings.models import MailServer

pytestmark = pytest.mark.timeout(90)


def why(desk: Desk, later: float = 0) -> str:
    with desk.reading() as session:
        now = utcnow() + timedelta(seconds=later)
        still = heartbeat.nothing_is_sent_because(session, Directory(desk), now)
        return still.kind if still else ""


def test_without_any_sender_the_pages_say_so(desk: Desk) -> None:
    assert why(desk) == "no_sender"


def test_a_sender_is_missed_after_two_minutes(desk: Desk) -> None:
    with desk.session() as session:
        heartbeat.begin(session, "here", "boot")
    assert why(desk) == ""
    assert why(desk, later=119) == ""
    assert why(desk, later=121) == "no_sender"


def test_a_sender_that_ended_is_missed_at_once(desk: Desk) -> None:
    with desk.session() as session:
        heartbeat.end(session, heartbeat.begin(session, "here", "boot").id)
    assert why(desk) == "no_sender"


def test_without_a_mail_server_nothing_can_be_sent(desk: Desk) -> None:
    with desk.session() as session:
        session.execute(update(MailServer).values(is_default=False))
    assert why(desk) == "no_server"


def test_a_sender_beats_while_it_runs_and_says_goodbye(desk: Desk, worker: StartWorker) -> None:
    running = worker()
    until(lambda: why(desk) == "")
    assert running.stop() == 0
    assert why(desk) == "no_sender"


def test_a_full_disk_stops_sending_and_room_lets_it_go_on(
    desk: Desk, mailing_to: Callable[..., Mailing], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "LEAST_FREE", 2**60)
    monkeypatch.setattr(parent, "BEAT", 0.2)
    monkeypatch.setattr(parent, "SWEEP", 0.2)
    mailing_to(5)
    stop = threading.Event()
    sender = threading.Thread(
        target=run_sender, args=(desk, Directory(desk), AffiliateValues()), kwargs={"stop": stop}
    )
    sender.start()
    try:
        until(lambda: why(desk) == "sender_troubled")
        assert states(desk) == {"queued": 5}
        monkeypatch.setattr(spool, "LEAST_FREE", 1)
        until(lambda: states(desk) == {"sent": 5})
        until(lambda: why(desk) == "")
    finally:
        stop.set()
        sender.join()
