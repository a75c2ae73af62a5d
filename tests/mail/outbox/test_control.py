"""Pause, resume, cancel and send again."""

import pytest
from sqlalchemy import select, update

from tests.mail.conftest import mail_to
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.errors import Conflict, NotFound
from webapp.mail.models import Mailing, OutboxMail
from webapp.mail.outbox import control, outcomes
from webapp.mail.outbox.counters import Deltas, audit_counters

PEOPLE = [f"p{number}@x.example" for number in range(6)]


def settle(desk: Desk, mailing_id: int, outcome: dict[int, str]) -> None:
    """Give rows (by their place) a final state, as a sender would."""
    with desk.session() as session:
        ids = session.scalars(select(OutboxMail.id).order_by(OutboxMail.id)).all()
        deltas = Deltas()
        for place, state in outcome.items():
            session.execute(update(OutboxMail).where(OutboxMail.id == ids[place]).values(state=state))
            deltas.move(mailing_id, "queued", state)
        deltas.apply(session, utcnow())


@pytest.fixture
def mailing(any_desk: Desk) -> Mailing:
    with any_desk.session() as session:
        return mail_to(session, PEOPLE)


def test_a_paused_mailing_can_be_resumed(any_desk: Desk, mailing: Mailing) -> None:
    with any_desk.session() as session:
        assert control.pause(session, mailing.id).state == "paused"
        assert control.resume(session, mailing.id).state == "running"


def test_pausing_twice_is_pausing_once(any_desk: Desk, mailing: Mailing) -> None:
    with any_desk.session() as session:
        control.pause(session, mailing.id)
        assert control.pause(session, mailing.id).state == "paused"


def test_cancelling_leaves_nothing_waiting(any_desk: Desk, mailing: Mailing) -> None:
    settle(any_desk, mailing.id, {0: "sent", 1: "deferred"})
    with any_desk.session() as session:
        cancelled = control.cancel(session, mailing.id)
        assert cancelled.state == "cancelled"
        assert (cancelled.sent, cancelled.cancelled, cancelled.queued, cancelled.deferred) == (1, 5, 0, 0)
        assert cancelled.finished_at is not None
        assert audit_counters(session, mailing.id) == {}


def test_a_finished_mailing_cannot_be_cancelled_or_paused(any_desk: Desk, mailing: Mailing) -> None:
    settle(any_desk, mailing.id, dict.fromkeys(range(6), "sent"))
    with any_desk.session() as session:
        with pytest.raises(Conflict, match="finished"):
            control.cancel(session, mailing.id)
        with pytest.raises(Conflict, match="finished"):
            control.pause(session, mailing.id)


def test_a_mailing_is_finished_only_when_every_row_is_final(any_desk: Desk, mailing: Mailing) -> None:
    settle(any_desk, mailing.id, dict.fromkeys(range(5), "sent"))
    with any_desk.session() as session:
        assert outcomes.progress(session, mailing.id).state == "running"
    settle(any_desk, mailing.id, {5: "unknown"})
    with any_desk.session() as session:
        assert outcomes.progress(session, mailing.id).state == "finished_with_failures"


def test_only_the_failed_ones_are_sent_again(any_desk: Desk, mailing: Mailing) -> None:
    settle(any_desk, mailing.id, {0: "sent", 1: "failed", 2: "failed", 3: "unknown", 4: "sent", 5: "sent"})
    with any_desk.session() as session:
        assert control.resend(session, mailing.id, "failed") == 2
        now = outcomes.progress(session, mailing.id)
        assert (now.state, now.counts["queued"], now.counts["failed"], now.counts["unknown"]) == (
            "running",
            2,
            0,
            1,
        )
        assert now.finished_at is None
        assert audit_counters(session, mailing.id) == {}


def test_there_is_nothing_to_send_again_after_a_success(any_desk: Desk, mailing: Mailing) -> None:
    with any_desk.session() as session, pytest.raises(Conflict, match="no failed mail"):
        control.resend(session, mailing.id, "failed")


def test_sent_mails_cannot_be_sent_again(any_desk: Desk, mailing: Mailing) -> None:
    with any_desk.session() as session, pytest.raises(Conflict, match="Only failed and unknown"):
        control.resend(session, mailing.id, "sent")


def test_a_mailing_that_is_not_there_is_not_found(any_desk: Desk) -> None:
    with any_desk.session() as session, pytest.raises(NotFound):
        control.pause(session, 99)


def test_the_export_has_every_row_with_its_message_id(any_desk: Desk, mailing: Mailing) -> None:
    with any_desk.reading() as session:
        rows = list(outcomes.export(session, mailing.id))
    assert [row.address for row in rows] == PEOPLE
    assert len({row.message_id for row in rows}) == 6
    assert all(row.message_id.endswith("@northlight.example>") for row in rows)


def test_rows_are_found_by_state_and_by_the_beginning_of_the_address(
    any_desk: Desk, mailing: Mailing
) -> None:
    settle(any_desk, mailing.id, {3: "failed"})
    with any_desk.reading() as session:
        failed = session.scalars(outcomes.rows(mailing.id, states=["failed"])).all()
        named = session.scalars(outcomes.rows(mailing.id, search="P2")).all()
    assert [row.address for row in failed] == ["p3@x.example"]
    assert [row.address for row in named] == ["p2@x.example"]
