"""When a message leaves: at its time, and when two people have looked where that is the rule."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.broadcasts.test_sending import approved, rows
from tests.browser import Person, words
from tests.network import HTML, MakeAffiliate, MakeMessage
from webapp.accounts.models import User
from webapp.affiliates.models import Affiliate, AffiliateGroup
from webapp.broadcasts import due, release
from webapp.broadcasts.models import Broadcast
from webapp.config import Config
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.errors import Invalid
from webapp.mail.models import OutboxMail
from webapp.settings import store

NIGHT = datetime(2027, 3, 1, 8, tzinfo=UTC)
Persons = Callable[..., Person]


@pytest.fixture
def second(person: Persons) -> Person:
    """Somebody who may approve and nothing else about messages."""
    return person("approve_large_sends", "view_all_affiliates", email="second@desk.example.com")


def press(person: Person, broadcast: Broadcast, at: str = "") -> str:
    page = person.get(f"/messages/{broadcast.id}/review")
    fields = {"approved": approved(page.text), "missing": "skip", "send_at": at}
    return words(person.post(f"/messages/{broadcast.id}/send", fields, follow=True))


def told(desk: Desk) -> list[OutboxMail]:
    """The mails that ask for a second person."""
    with desk.reading() as session:
        asking = OutboxMail.key.startswith("staff_approval_waits:")
        return list(session.scalars(select(OutboxMail).where(asking)))


def now_of(desk: Desk, broadcast: Broadcast) -> Broadcast:
    with desk.reading() as session:
        return session.get_one(Broadcast, broadcast.id)


def soon(minutes: float = 30) -> str:
    return (utcnow() + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M")


def pass_time(desk: Desk, broadcast: Broadcast, hours: float = 1) -> None:
    with desk.session() as session:
        session.get_one(Broadcast, broadcast.id).send_at = utcnow() - timedelta(hours=hours)


@pytest.fixture
def two(affiliate: MakeAffiliate) -> None:
    affiliate("One", email="one@a.example.com")
    affiliate("Two", email="two@a.example.com")


def test_a_message_with_a_time_waits_for_it_and_then_leaves_once(
    network: Desk, owner: Person, two: None, message: MakeMessage
) -> None:
    draft = message()
    assert "It goes out at its time" in press(owner, draft, soon())
    assert due.start_due(network) == 0
    assert "Scheduled" in words(owner.get("/messages?state=scheduled"))
    pass_time(network, draft)
    assert [due.start_due(network), due.start_due(network)] == [1, 0]
    assert {state for state, _ in rows(network).values()} == {"queued"}


def test_a_change_takes_the_time_back(network: Desk, owner: Person, two: None, message: MakeMessage) -> None:
    draft = message()
    press(owner, draft, soon())
    assert "It goes out at" in words(owner.get(f"/messages/{draft.id}/edit"))
    owner.post(f"/messages/{draft.id}/edit", {"subject": "Other", "html": "<p>x</p>", "audience": "all"})
    assert now_of(network, draft).send_at is None


def test_a_scheduled_message_can_be_taken_back(
    network: Desk, owner: Person, two: None, message: MakeMessage
) -> None:
    draft = message()
    press(owner, draft, soon())
    owner.post(f"/messages/{draft.id}/withdraw")
    pass_time_free = now_of(network, draft)
    assert (pass_time_free.send_at, pass_time_free.mailing_id) == (None, None)


def test_what_can_not_leave_at_its_time_is_a_draft_and_says_why(
    network: Desk, owner: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    affiliate("One", email="one@a.example.com", group="Gone")
    draft = message(audience="group:Gone")
    press(owner, draft, soon())
    with network.session() as session:
        session.query(AffiliateGroup).one().name = "Renamed"
    pass_time(network, draft)
    assert due.start_due(network) == 0
    assert "It was not sent at its time. There is no group “Gone”" in words(
        owner.get(f"/messages/{draft.id}/edit")
    )


def test_hours_too_late_it_asks_before_it_goes(
    network: Desk, owner: Person, two: None, message: MakeMessage
) -> None:
    draft = message()
    press(owner, draft, soon())
    pass_time(network, draft, hours=7)
    assert due.start_due(network) == 0
    assert "more than six hours late" in now_of(network, draft).held


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2020-01-01T10:00", "Choose a time within the coming year."),
        ("tomorrow", "Write day and time like"),
        ("2027-03-28T02:30", "That hour does not exist"),
    ],
)
def test_a_time_that_can_not_be_is_refused(
    network: Desk, owner: Person, two: None, message: MakeMessage, typed: str, said: str
) -> None:
    with network.session() as session:
        store.put(session, {"timezone": "Europe/Stockholm"})
    draft = message()
    assert said in press(owner, draft, typed)
    assert now_of(network, draft).send_at is None


def test_the_time_is_meant_in_the_zone_of_the_network(network: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "utcnow", lambda: NIGHT)
    with network.session() as session:
        store.put(session, {"timezone": "America/New_York"})
        assert release.moment(session, "2027-07-01T09:00") == datetime(2027, 7, 1, 13, tzinfo=UTC)
        with pytest.raises(Invalid):
            release.moment(session, "2027-03-01T02:59")


@pytest.fixture
def asked(network: Desk, owner: Person, two: None, message: MakeMessage) -> Broadcast:
    """The owner wants to write to two, and more than one needs a second person."""
    with network.session() as session:
        store.put(session, {"approve_above": "1"})
    draft = message()
    assert "It waits for somebody else who may approve" in press(owner, draft)
    return draft


def test_many_wait_for_a_second_person_who_finds_them_and_says_yes(
    network: Desk, second: Person, asked: Broadcast
) -> None:
    assert rows(network) == {}
    assert {mail.address for mail in told(network)} == {"second@desk.example.com"}
    assert "Waits for approval" in words(second.get("/messages"))
    page = words(second.get(f"/messages/{asked.id}/approval"))
    assert "To 2 affiliates" in page
    assert "Approve and send to 2" in page
    second.post(f"/messages/{asked.id}/approve")
    assert len(rows(network)) == 2


def test_nobody_approves_his_own_message(network: Desk, asked: Broadcast, owner: Person) -> None:
    assert "somebody else has to look" in words(owner.get(f"/messages/{asked.id}/approval"))
    owner.post(f"/messages/{asked.id}/approve")
    assert rows(network) == {}


def test_who_may_not_approve_does_not(network: Desk, asked: Broadcast, writer: Person) -> None:
    assert writer.post(f"/messages/{asked.id}/approve").status_code == 403
    assert rows(network) == {}


def test_a_text_that_was_changed_meanwhile_is_not_the_one_that_was_asked_about(
    network: Desk, asked: Broadcast, second: Person
) -> None:
    with network.session() as session:
        session.get_one(Broadcast, asked.id).subject = "Something else"
    second.post(f"/messages/{asked.id}/approve")
    assert rows(network) == {}
    assert now_of(network, asked).waits_since is None


def test_a_no_needs_a_reason_and_the_author_reads_it(
    network: Desk, asked: Broadcast, owner: Person, second: Person
) -> None:
    assert "Say what is to be changed" in words(second.post(f"/messages/{asked.id}/decline"))
    second.post(f"/messages/{asked.id}/decline", {"reason": "The payout is wrong"})
    assert "did not approve it: The payout is wrong" in words(owner.get(f"/messages/{asked.id}/edit"))


def test_whoever_has_had_enough_is_left_out_and_still_gets_operational_mail(
    network: Desk, owner: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    affiliate("One", email="one@a.example.com")
    owner.post("/messages/rules", {"most_announcements": "1", "announcement_days": "7"})
    press(owner, message())
    affiliate("Two", email="two@a.example.com")
    again = message()
    assert "1 affiliate has had enough announcements" in words(owner.get(f"/messages/{again.id}/review"))
    press(owner, again)
    reasons = [reason for _, reason in rows(network).values()]
    assert sorted(reasons) == ["", "had_enough"]
    assert "Send to 2 affiliates?" in words(owner.get(f"/messages/{message(kind='operational').id}/review"))


def test_what_was_not_looked_at_does_not_leave_at_its_time(
    network: Desk, owner: Person, two: None, message: MakeMessage
) -> None:
    draft = message()
    press(owner, draft, soon())
    with network.session() as session:
        session.get_one(Broadcast, draft.id).subject = "Something else"
    pass_time(network, draft)
    assert due.start_due(network) == 0
    assert "was changed after you looked at it" in now_of(network, draft).held


def test_an_audience_that_grew_until_its_time_needs_the_second_person(
    network: Desk, owner: Person, affiliate: MakeAffiliate, message: MakeMessage, second: Person
) -> None:
    affiliate("One", email="one@a.example.com")
    with network.session() as session:
        store.put(session, {"approve_above": "1"})
    draft = message()
    assert "It goes out at its time" in press(owner, draft, soon())
    affiliate("Two", email="two@a.example.com")
    pass_time(network, draft)
    assert due.start_due(network) == 0
    with network.reading() as session:
        addresses = session.scalars(select(OutboxMail.address)).all()
    assert addresses == ["mara@desk.example.com"]
    assert "It would go to 2 affiliates by now" in now_of(network, draft).held
    press(owner, draft, soon())
    second.post(f"/messages/{draft.id}/approve")
    pass_time(network, draft)
    assert due.start_due(network) == 1


def test_what_can_not_be_started_after_a_yes_waits_on(
    network: Desk, asked: Broadcast, second: Person, owner: Person
) -> None:
    with network.session() as session:
        session.execute(update(Affiliate).values(status="closed"))
    said = words(second.post(f"/messages/{asked.id}/approve", follow=True))
    assert "Nobody would get this message" in said
    now = now_of(network, asked)
    assert (now.waits_since is not None, now.approved_by, now.mailing_id) == (True, None, None)


def test_a_yes_counts_nothing_once_whoever_asked_may_not_send_any_more(
    network: Desk, asked: Broadcast, second: Person, owner: Person
) -> None:
    with network.session() as session:
        session.get_one(User, owner.user.id).disabled_at = utcnow()
    said = words(second.post(f"/messages/{asked.id}/approve", follow=True))
    assert "may not send it any more" in said
    assert rows(network) == {}


def test_a_must_that_fails_at_its_time_holds_the_message_and_tells_who_scheduled_it(
    network: Desk, owner: Person, two: None, message: MakeMessage
) -> None:
    draft = message()
    press(owner, draft, soon())
    pass_time(network, draft)
    with network.session() as session:
        store.put(session, {"postal_address": ""})
        session.get_one(Broadcast, draft.id).released_text = ""  # or else the changed text holds it
    assert due.start_due(network) == 0
    held = now_of(network, draft).held
    assert held.startswith("It was not sent at its time.")
    assert "postal address" in held
    with network.reading() as session:
        told = session.scalars(
            select(OutboxMail).where(OutboxMail.key.startswith("staff_message_held"))
        ).one()
    assert told.address == owner.user.email  # type: ignore[union-attr]


def test_what_somebody_gave_a_reason_for_does_not_hold_it_at_its_time(
    network: Desk, owner: Person, two: None, message: MakeMessage
) -> None:
    draft = message(html=HTML + '<p><a href="http://192.0.2.1/x">More</a></p>')
    page = owner.get(f"/messages/{draft.id}/review")
    fields = {"approved": approved(page.text), "missing": "skip", "send_at": soon(), "anyway": "our own link"}
    owner.post(f"/messages/{draft.id}/send", fields)
    assert now_of(network, draft).overruled
    pass_time(network, draft)
    assert due.start_due(network) == 1


def test_a_yes_counts_for_about_as_many_as_were_seen(
    network: Desk, second: Person, asked: Broadcast, affiliate: MakeAffiliate
) -> None:
    with network.session() as session:
        session.get_one(Broadcast, asked.id).send_at = utcnow() + timedelta(hours=1)
    second.post(f"/messages/{asked.id}/approve")
    pass_time(network, asked)
    affiliate("Three", email="three@a.example.com")
    assert due.start_due(network) == 0
    assert "3 affiliates by now, and 2 were approved" in now_of(network, asked).held


def test_the_letterhead_that_changes_after_a_yes_needs_another_one(
    network: Desk, second: Person, asked: Broadcast
) -> None:
    with network.session() as session:
        session.get_one(Broadcast, asked.id).send_at = utcnow() + timedelta(hours=1)
    second.post(f"/messages/{asked.id}/approve")
    with network.session() as session:
        store.put(session, {"network_name": "Another name"})
    pass_time(network, asked)
    assert due.start_due(network) == 0
    assert "was changed after you looked" in now_of(network, asked).held
    assert now_of(network, asked).approved_by is None


def test_a_fault_in_one_message_holds_up_none_behind_it(
    network: Desk, owner: Person, two: None, message: MakeMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, then = message(), message()
    for draft in (first, then):
        press(owner, draft, soon())
    pass_time(network, first, hours=2)
    pass_time(network, then)
    begin = due._start

    def start(config: Config, broadcast_id: int, session: Session) -> bool:
        if broadcast_id == first.id:
            raise RuntimeError("a fault of ours")
        return begin(config, broadcast_id, session)

    monkeypatch.setattr(due, "_start", start)
    assert due.start_due(network) == 1
    assert now_of(network, then).mailing_id is not None
