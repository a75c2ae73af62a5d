"""What a mailing puts into the outbox."""

import pytest
from sqlalchemy import select

from tests.mail.conftest import add_affiliates, draft, everybody, mail_to
from webapp.affiliates.models import Affiliate
from webapp.desk import Desk
from webapp.errors import Invalid
from webapp.mail import suppressions
from webapp.mail.models import OutboxMail
from webapp.mail.outbox.counters import audit_counters
from webapp.mail.outbox.enqueue import enqueue_one, start_mailing
from webapp.mail.outbox.outcomes import progress


def states(desk: Desk) -> list[tuple[str, str, str]]:
    with desk.reading() as session:
        rows = session.execute(
            select(OutboxMail.address, OutboxMail.state, OutboxMail.reason).order_by(OutboxMail.id)
        )
        return [tuple(row) for row in rows]


def test_everybody_gets_one_row_with_a_key_of_his_own(any_desk: Desk) -> None:
    with any_desk.session() as session:
        mailing = mail_to(session, ["a@x.example", "b@x.example"])
        keys = session.scalars(select(OutboxMail.key).order_by(OutboxMail.id)).all()
        people = session.scalars(select(OutboxMail.recipient_id).order_by(OutboxMail.id)).all()
    assert keys == [f"{mailing.id}:{person}" for person in people]
    assert mailing.total == mailing.queued == 2


def test_a_suppressed_person_gets_a_row_with_the_reason(any_desk: Desk) -> None:
    with any_desk.session() as session:
        suppressions.add(session, "A@x.example", scope="all", reason="bounced")
        suppressions.add(session, "b@x.example", scope="announcement", reason="unsubscribed")
        mail_to(session, ["a@X.example", "b@x.example", "c@x.example"])
    assert states(any_desk) == [
        ("a@X.example", "suppressed", "bounced"),
        ("b@x.example", "suppressed", "unsubscribed"),
        ("c@x.example", "queued", ""),
    ]


def test_operational_mail_ignores_that_somebody_left_the_news(any_desk: Desk) -> None:
    with any_desk.session() as session:
        suppressions.add(session, "b@x.example", scope="announcement", reason="unsubscribed")
        mail_to(session, ["b@x.example"], kind="operational")
    assert states(any_desk) == [("b@x.example", "queued", "")]


def test_a_second_affiliate_with_the_same_address_gets_a_row_that_says_so(any_desk: Desk) -> None:
    with any_desk.session() as session:
        mailing = mail_to(session, ["same@x.example", "Same@x.example", "same@X.example"])
    assert [state for _, state, _ in states(any_desk)] == ["queued", "suppressed", "suppressed"]
    assert states(any_desk)[1][2] == "duplicate_address"
    assert (mailing.queued, mailing.suppressed) == (1, 2)


def test_mails_leave_in_the_order_of_the_affiliates_however_they_are_found(any_desk: Desk) -> None:
    with any_desk.session() as session:
        add_affiliates(session, [f"{letter}@x.example" for letter in "dacb"])
        found = select(Affiliate.id, Affiliate.email).where(Affiliate.address > "")
        start_mailing(
            session,
            content=draft(),
            kind="announcement",
            server_id=None,
            created_by=None,
            audience=found.order_by(Affiliate.address),
        )
    assert [address[0] for address, _, _ in states(any_desk)] == ["d", "a", "c", "b"]


def test_counters_agree_with_the_rows(any_desk: Desk) -> None:
    with any_desk.session() as session:
        suppressions.add(session, "p3@x.example")
        mailing = mail_to(session, [f"p{number}@x.example" for number in range(10)])
        assert audit_counters(session, mailing.id) == {}
        assert progress(session, mailing.id).total == 10


def test_a_mailing_to_nobody_is_finished_at_once(any_desk: Desk) -> None:
    with any_desk.session() as session:
        mailing = start_mailing(
            session,
            content=draft(),
            kind="announcement",
            server_id=None,
            created_by=None,
            audience=everybody(),
        )
    assert mailing.state == "finished"
    assert mailing.finished_at is not None


def test_a_mailing_of_suppressed_people_only_is_finished_at_once(any_desk: Desk) -> None:
    with any_desk.session() as session:
        suppressions.add(session, "a@x.example")
        assert mail_to(session, ["a@x.example"]).state == "finished"


def test_the_same_key_queues_one_mail(any_desk: Desk) -> None:
    with any_desk.session() as session:
        first = enqueue_one(session, any_desk.vault, key="reset:1", content=draft(), address="a@x.example")
        second = enqueue_one(session, any_desk.vault, key="reset:1", content=draft(), address="a@x.example")
    assert first.id == second.id
    assert len(states(any_desk)) == 1


def test_values_lie_sealed_in_the_row(any_desk: Desk) -> None:
    link = "https://desk.example/reset/secret-token"
    with any_desk.session() as session:
        mail = enqueue_one(
            session,
            any_desk.vault,
            key="reset:1",
            content=draft(),
            address="a@x.example",
            values={"passwordreset.link": link},
        )
        assert mail.values is not None
        assert "secret" not in mail.values
        assert link in any_desk.vault.decrypt(mail.values, row="outbox:reset:1")


def test_a_key_that_is_too_long_is_refused(any_desk: Desk) -> None:
    with any_desk.session() as session, pytest.raises(Invalid, match="80 characters"):
        enqueue_one(session, any_desk.vault, key="k" * 81, content=draft(), address="a@x.example")


def test_what_was_said_stays_when_the_draft_changes(any_desk: Desk) -> None:
    said = draft()
    with any_desk.session() as session:
        add_affiliates(session, ["a@x.example"])
        mailing = (
            mail_to(session, ["b@x.example"][:0] or ["b@x.example"][1:], content=said) if False else None
        )
        mailing = start_mailing(
            session, content=said, kind="announcement", server_id=None, created_by=None, audience=everybody()
        )
        said["subject"] = "changed"
        session.expire_all()
        assert mailing.content.draft["subject"].startswith("News")
