"""The overview: the answer first, and only what the person may see."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.browser import Person, words
from tests.network import MakeAffiliate, MakeMessage, MakeOutcome
from webapp.broadcasts import starting
from webapp.broadcasts.models import Broadcast
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail import heartbeat
from webapp.mail.models import Mailing, SenderProcess
from webapp.settings.models import MailServer


@pytest.fixture
def started(network: Desk, affiliate: MakeAffiliate, message: MakeMessage, owner: Person) -> Broadcast:
    for name in ("ok", "bad"):
        affiliate(name, email=f"{name}@a.example.com")
    draft = message(user=owner.user, name="December rise")
    with network.session() as session:
        starting.start(session, network.config, owner.user, draft.id)
        return session.get_one(Broadcast, draft.id)


@pytest.fixture
def sending(network: Desk) -> None:
    """A sender that was heard of just now."""
    with network.session() as session:
        heartbeat.begin(session, "here", "boot")


def test_a_fresh_instance_says_what_comes_next(desk: Desk, owner: Person) -> None:
    said = words(owner.get("/"))
    assert "left to set up" in said
    assert "Your network next" in said


def test_what_is_being_sent_comes_first(started: Broadcast, sending: None, owner: Person) -> None:
    said = words(owner.get("/"))
    assert "1 message is being sent" in said
    assert "0 of 2 have a final outcome" in said


def test_failures_need_somebody(
    started: Broadcast,
    sending: None,
    owner: Person,
    outcome: MakeOutcome,
) -> None:
    outcome(
        started, {"ok@a.example.com": ("sent", "250", "ok"), "bad@a.example.com": ("failed", "550", "no")}
    )
    said = words(owner.get("/"))
    assert "Needs you December rise" in said
    assert "1 failed" in said
    assert "50.0 % of those tried" in said
    assert "today: 1 accepted" not in said
    assert "1 accepted and 1 failed in 14 days" in owner.get("/").text


def test_older_messages_leave_the_chart(
    started: Broadcast,
    sending: None,
    owner: Person,
    network: Desk,
    outcome: MakeOutcome,
) -> None:
    outcome(started, {"ok@a.example.com": ("sent", "", ""), "bad@a.example.com": ("sent", "", "")})
    with network.session() as session:
        session.get_one(Mailing, started.mailing_id).created_at = utcnow() - timedelta(days=20)
    assert "0 accepted and 0 failed in 14 days" in owner.get("/").text


def test_nobody_sees_the_messages_of_others(
    started: Broadcast,
    sending: None,
    writer: Person,
    colleague: Person,
) -> None:
    assert "December rise" not in words(writer.get("/"))
    assert "Your account may not send messages" in words(colleague.get("/"))


def test_a_standstill_is_said_on_every_page(started: Broadcast, owner: Person) -> None:
    for path in ("/", "/messages", f"/messages/{started.id}"):
        said = words(owner.get(path))
        assert "Nothing is being sent: no sender has been started yet." in said
        assert "2 mails wait; none is lost." in said


def test_a_sender_that_went_silent_is_a_standstill(started: Broadcast, network: Desk, owner: Person) -> None:
    with network.session() as session:
        then = utcnow() - timedelta(minutes=3)
        session.add(SenderProcess(host="here", pid=1, started_at=then, beat_at=then))
    assert "Nothing is being sent: no sender was heard of since" in words(owner.get("/"))


def test_a_paused_default_server_is_a_standstill(
    started: Broadcast,
    sending: None,
    network: Desk,
    owner: Person,
) -> None:
    with network.session() as session:
        session.query(MailServer).one().paused_at = utcnow()
    assert "is paused" in words(owner.get("/messages"))


def test_nothing_is_said_while_all_is_well(started: Broadcast, sending: None, owner: Person) -> None:
    assert "Nothing is being sent" not in words(owner.get("/"))


def test_a_fresh_instance_without_mail_is_not_told_of_a_missing_sender(desk: Desk, owner: Person) -> None:
    assert "Nothing is being sent" not in words(owner.get("/"))


def test_the_overview_asks_the_database_a_fixed_number_of_questions(
    started: Broadcast, sending: None, owner: Person, network: Desk, message: MakeMessage,
    count_queries: Callable[[Callable[[], object]], int],
) -> None:  # fmt: skip
    before = count_queries(lambda: owner.get("/"))
    for _ in range(5):
        draft = message(user=owner.user)
        with network.session() as session:
            starting.start(session, network.config, owner.user, draft.id)
    assert count_queries(lambda: owner.get("/")) <= before
