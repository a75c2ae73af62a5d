"""Which mails a sender may take, in which order, and how many."""

from datetime import timedelta

from sqlalchemy import select, update

from tests.mail.conftest import draft, mail_to
from tests.mail.outbox.claiming import addresses, claimed, row_of, server, tell
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail import suppressions
from webapp.mail.models import OutboxMail
from webapp.mail.outbox import control
from webapp.mail.outbox.claim import Room
from webapp.mail.outbox.counters import audit_counters
from webapp.mail.outbox.enqueue import enqueue_one
from webapp.mail.outbox.outcomes import progress

PEOPLE = [f"p{number}@x.example" for number in range(5)]


def queue_single(desk: Desk, address: str, **options: object) -> None:
    with desk.session() as session:
        enqueue_one(
            session, desk.vault, key=address, content=draft(kind="operational"), address=address, **options
        )  # type: ignore[arg-type]


def test_a_claimed_mail_is_fenced_and_claimed_once(any_desk: Desk) -> None:
    with any_desk.session() as session:
        mailing = mail_to(session, PEOPLE)
    first = claimed(any_desk, Room(server(), 3))
    second = claimed(any_desk)
    assert addresses(first) == PEOPLE[:3]
    assert addresses(second) == PEOPLE[3:]
    assert second[0].lease > first[0].lease
    assert claimed(any_desk) == []
    with any_desk.session() as session:
        row = row_of(session, PEOPLE[0])
        assert (row.state, row.lease, row.lease_sender) == ("sending", first[0].lease, 7)
        assert progress(session, mailing.id).counts["sending"] == 5
        assert audit_counters(session, mailing.id) == {}


def test_operational_mail_comes_first(any_desk: Desk) -> None:
    with any_desk.session() as session:
        mail_to(session, PEOPLE)
    queue_single(any_desk, "reset@x.example")
    assert addresses(claimed(any_desk, Room(server(), 2))) == ["reset@x.example", PEOPLE[0]]


def test_a_paused_mailing_is_left_alone(any_desk: Desk) -> None:
    with any_desk.session() as session:
        mailing = mail_to(session, PEOPLE)
        control.pause(session, mailing.id)
    assert claimed(any_desk) == []


def test_a_mail_that_is_not_due_waits(any_desk: Desk) -> None:
    with any_desk.session() as session:
        mail_to(session, PEOPLE[:2])
        soon = utcnow() + timedelta(minutes=5)
        session.execute(
            update(OutboxMail)
            .where(OutboxMail.address == PEOPLE[0])
            .values(not_before=soon, state="deferred")
        )
    assert addresses(claimed(any_desk)) == [PEOPLE[1]]
    assert addresses(claimed(any_desk, later=301)) == [PEOPLE[0]]


def test_who_was_suppressed_since_then_is_not_claimed(any_desk: Desk) -> None:
    with any_desk.session() as session:
        mailing = mail_to(session, PEOPLE)
        suppressions.add(session, "P1@x.example", scope="announcement", reason="unsubscribed")
    assert PEOPLE[1] not in addresses(claimed(any_desk))
    with any_desk.session() as session:
        row = row_of(session, PEOPLE[1])
        assert (row.state, row.reason) == ("suppressed", "unsubscribed")
        assert audit_counters(session, mailing.id) == {}


def test_mail_without_a_server_of_its_own_goes_through_the_default(any_desk: Desk) -> None:
    with any_desk.session() as session:
        mail_to(session, PEOPLE[:1], server_id=None)
    queue_single(any_desk, "other@x.example", server_id=2)
    claims = claimed(any_desk, Room(server(1), 10), Room(server(2), 10))
    assert {one.server.id: [mail.address for mail in one.mails] for one in claims} == {
        1: [PEOPLE[0]],
        2: ["other@x.example"],
    }


def test_mail_of_a_server_without_room_does_not_block_the_others(any_desk: Desk) -> None:
    for number in range(5):
        queue_single(any_desk, f"stuck{number}@x.example", server_id=2)
    queue_single(any_desk, "free@x.example")
    assert addresses(claimed(any_desk, Room(server(1), 2))) == ["free@x.example"]


def test_without_a_default_server_nothing_is_claimed_that_names_none(any_desk: Desk) -> None:
    with any_desk.session() as session:
        mail_to(session, PEOPLE, server_id=None)
    assert claimed(any_desk, default_id=None) == []


def test_a_limit_by_the_day_holds_for_all_senders_together(any_desk: Desk) -> None:
    with any_desk.session() as session:
        mail_to(session, PEOPLE)
    limited = Room(server(day=4), 100)
    assert len(addresses(claimed(any_desk, limited, sender_id=1))) == 3
    assert claimed(any_desk, limited, sender_id=2) == []
    assert len(addresses(claimed(any_desk, limited, later=86_400))) == 2


def test_operational_mail_finds_its_part_of_a_used_up_day(any_desk: Desk) -> None:
    with any_desk.session() as session:
        mail_to(session, PEOPLE)
    limited = Room(server(day=4), 100)
    claimed(any_desk, limited)
    queue_single(any_desk, "reset@x.example")
    queue_single(any_desk, "later@x.example")
    assert addresses(claimed(any_desk, limited)) == ["reset@x.example"]


def test_operational_mail_finds_room_where_announcements_have_none(any_desk: Desk) -> None:
    with any_desk.session() as session:
        mail_to(session, PEOPLE)
    queue_single(any_desk, "reset@x.example")
    assert addresses(claimed(any_desk, Room(server(), 0, urgent=5))) == ["reset@x.example"]


def test_a_second_is_a_second_however_the_clock_stands(any_desk: Desk) -> None:
    with any_desk.session() as session:
        mail_to(session, PEOPLE)
    limited, now = Room(server(second=2), 100), utcnow()
    taken = [len(addresses(claimed(any_desk, limited, now=now, later=at))) for at in (0, 0.3, 0.9, 3.0, 3.4)]
    assert taken == [2, 0, 0, 2, 0]


def test_a_mail_that_came_back_may_be_claimed_again_with_a_new_fence(any_desk: Desk) -> None:
    with any_desk.session() as session:
        mailing = mail_to(session, PEOPLE[:1])
    [first] = claimed(any_desk)
    tell(any_desk, first, "back")
    [second] = claimed(any_desk)
    assert second.lease > first.lease
    with any_desk.session() as session:
        assert session.scalars(select(OutboxMail.attempts)).one() == 0
        assert audit_counters(session, mailing.id) == {}
