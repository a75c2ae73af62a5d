"""What a genuine notice leads to, and that twice, late, early, and about somebody else lead to nothing more."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from tests.notices.conftest import ADDRESS, Tell, barred, happened, notices
from tests.transports.ses.topic import FakeSns, event
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail import verp
from webapp.mail.models import Attempt, OutboxMail
from webapp.mail.outbox.identity import message_id
from webapp.notices import intake, jobs
from webapp.notices.forgetting import forget_recipient
from webapp.notices.models import Notice


def test_a_permanent_bounce_that_names_the_address_bars_it(
    desk: Desk, mail: OutboxMail, sns: FakeSns, tell: Tell
) -> None:
    assert tell(sns.notification(event("Bounce"))).text == "1 new\n"
    assert (barred(desk), happened(desk)) == ("bounced", [("bounced", "hard")])
    [notice] = notices(desk)
    assert (notice.mail_id, notice.state) == (mail.id, "done")
    assert "Nothing is mailed to it any more" in notice.note


@pytest.mark.parametrize(
    "told",
    (
        event("Bounce", bounceType="Transient"),
        event("Bounce", bounceType="Undetermined"),
        event("Bounce", code="5.7.1"),
        event("Bounce", code="5.2.2"),
        event("Bounce", code=""),
        event("DeliveryDelay"),
        event("Reject"),
    ),
)
def test_whatever_does_not_speak_of_the_address_for_good_bars_nobody(
    desk: Desk, mail: OutboxMail, sns: FakeSns, tell: Tell, told: dict[str, Any]
) -> None:
    tell(sns.notification(told))
    [(kind, severity)] = happened(desk)
    assert (barred(desk), kind) == (None, "bounced")
    assert severity != "hard"
    assert "Counted only" in notices(desk)[0].note


def test_a_complaint_bars_the_address(desk: Desk, mail: OutboxMail, sns: FakeSns, tell: Tell) -> None:
    tell(sns.notification(event("Complaint")))
    assert (barred(desk), happened(desk)) == ("complained", [("complained", "")])


def test_a_delivery_settles_what_was_unknown(desk: Desk, mail: OutboxMail, sns: FakeSns, tell: Tell) -> None:
    with desk.session() as session:
        session.execute(update(OutboxMail).values(state="unknown"))
    tell(sns.notification(event("Delivery")))
    with desk.reading() as session:
        assert session.get_one(OutboxMail, mail.id).state == "sent"
    assert (barred(desk), happened(desk)) == (None, [("delivered", "")])
    assert notices(desk)[0].raw == b""


def test_the_same_notice_counts_once(desk: Desk, mail: OutboxMail, sns: FakeSns, tell: Tell) -> None:
    told = sns.notification(event("Bounce"))
    assert [tell(told).text for _ in range(3)] == ["1 new\n", "0 new\n", "0 new\n"]
    assert len(happened(desk)) == len(notices(desk)) == 1


def test_a_delivery_after_a_complaint_takes_nothing_back(
    desk: Desk, mail: OutboxMail, sns: FakeSns, tell: Tell
) -> None:
    for kind in ("Complaint", "Bounce", "Delivery"):
        tell(sns.notification(event(kind)))
    assert barred(desk) == "complained"


@pytest.mark.parametrize(
    "told",
    (
        event("Bounce", provider_id="0107-2"),
        event("Bounce", "someone@else.example"),
        event("Complaint", "someone@else.example"),
    ),
)
def test_a_notice_about_no_mail_of_ours_is_kept_and_explained(
    desk: Desk, mail: OutboxMail, sns: FakeSns, tell: Tell, told: dict[str, Any]
) -> None:
    assert tell(sns.notification(told)).status_code == 200
    [notice] = notices(desk)
    assert (notice.mail_id, notice.state, notice.note) == (None, "waiting", intake.LOOKED_FOR)
    assert (barred(desk), happened(desk)) == (None, [])
    with desk.session() as session:
        session.execute(update(Notice).values(received_at=utcnow() - timedelta(days=2)))
    jobs.sweep(desk)
    assert (notices(desk)[0].state, notices(desk)[0].note) == ("done", intake.NEVER_FOUND)
    assert happened(desk) == []


def test_a_notice_that_comes_before_our_own_record_waits_for_it(
    desk: Desk, mail: OutboxMail, sns: FakeSns, tell: Tell
) -> None:
    with desk.session() as session:
        session.execute(update(OutboxMail).values(state="sending", provider_id=""))
    tell(sns.notification(event("Bounce")))
    assert happened(desk) == []
    with desk.session() as session:
        session.execute(update(OutboxMail).values(state="sent", provider_id="0107-1"))
    jobs.sweep(desk)
    assert (barred(desk), happened(desk), notices(desk)[0].state) == (
        "bounced",
        [("bounced", "hard")],
        "done",
    )
    jobs.sweep(desk)
    assert len(happened(desk)) == 1


@pytest.mark.parametrize("by", ("sender", "header"))
def test_what_only_we_could_have_written_finds_the_mail_at_once(
    desk: Desk, mail: OutboxMail, sns: FakeSns, tell: Tell, by: str
) -> None:
    with desk.session() as session:
        session.execute(update(OutboxMail).values(state="sending", provider_id=""))
    ours = message_id(mail.id, mail.key, mail.created_at, "example.com")
    about = {
        "sender": {"source": verp.envelope_sender(desk.vault, mail.id, "bounces.example.com")},
        "header": {"headers": [{"name": "Message-ID", "value": ours}]},
    }
    tell(sns.notification(event("Bounce", mail=about[by])))
    assert (barred(desk), happened(desk)) == ("bounced", [("bounced", "hard")])


@pytest.mark.parametrize("by", ("sender", "header"))
def test_a_made_up_sender_or_message_id_finds_nothing(
    desk: Desk, mail: OutboxMail, sns: FakeSns, tell: Tell, by: str
) -> None:
    about = {
        "sender": {"source": f"b+{mail.id}.aaaaaaaaaaaaaaaa@bounces.example.com"},
        "header": {"headers": [{"name": "Message-ID", "value": f"<{mail.id}.0123456789abcdef@example.com>"}]},
    }
    tell(sns.notification(event("Bounce", provider_id="0107-9", mail=about[by])))
    assert (barred(desk), happened(desk)) == (None, [])


def test_a_bounce_long_after_the_last_try_is_counted_and_bars_nobody(
    desk: Desk, mail: OutboxMail, sns: FakeSns, tell: Tell
) -> None:
    with desk.session() as session:
        session.execute(update(Attempt).values(at=utcnow() - timedelta(days=15)))
    tell(sns.notification(event("Bounce")))
    assert (barred(desk), "14 days" in notices(desk)[0].note) == (None, True)


def test_a_notice_of_an_erased_person_bars_nobody_and_an_erasure_empties_the_notices(
    desk: Desk, mail: OutboxMail, sns: FakeSns, tell: Tell
) -> None:
    with desk.session() as session:
        session.execute(update(OutboxMail).values(recipient_id=7))
    tell(sns.notification(event("Complaint")))
    with desk.session() as session:
        forget_recipient(session, 7)
    [notice] = notices(desk)
    assert (notice.recipient, notice.address, notice.raw, notice.words) == ("", "", b"", "")


def test_addresses_are_compared_as_they_are_on_the_wire(
    desk: Desk, mail: OutboxMail, sns: FakeSns, tell: Tell
) -> None:
    with desk.session() as session:
        session.execute(update(OutboxMail).values(address="Dana@BrightPath.example.com"))
    tell(sns.notification(event("Complaint", "Dana <Dana@BrightPath.example.com>")))
    assert barred(desk) == "complained", ADDRESS


def test_old_notices_are_cleared_away(desk: Desk, mail: OutboxMail, sns: FakeSns, tell: Tell) -> None:
    tell(sns.notification(event("Complaint")))
    with desk.session() as session:
        session.execute(update(Notice).values(received_at=utcnow() - jobs.KEPT_FOR - timedelta(days=1)))
    jobs.sweep(desk)
    assert (notices(desk), barred(desk)) == ([], "complained")
