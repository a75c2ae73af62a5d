"""What bars a mail: its address or its domain, for every mail, for all news, or for one topic; at each gate on its way."""

import pytest
from sqlalchemy import select

from tests.mail.conftest import draft, mail_to
from tests.mail.outbox.claiming import addresses, claimed
from webapp.desk import Desk
from webapp.mail import suppressions
from webapp.mail.models import OutboxMail
from webapp.mail.outbox.enqueue import enqueue_one
from webapp.mail.sender.recalls import recalled
from webapp.mail.topics import topic_of

PEOPLE = ["left-offers@a.example", "left-news@a.example", "whole@b.example", "free@c.example"]


def bar(desk: Desk) -> None:
    with desk.session() as session:
        suppressions.add(session, PEOPLE[0], scope="offers", reason="unsubscribed")
        suppressions.add(session, PEOPLE[1], scope="newsletter", reason="unsubscribed")
        suppressions.add(session, "@B.example", scope="announcement")


def queued(desk: Desk) -> list[str]:
    with desk.reading() as session:
        return list(session.scalars(select(OutboxMail.address).where(OutboxMail.state == "queued")))


@pytest.mark.parametrize(
    ("offer", "barred"), [("3071", {PEOPLE[0], PEOPLE[2]}), ("", {PEOPLE[1], PEOPLE[2]})]
)
def test_each_gate_knows_the_topic_and_the_domain(any_desk: Desk, offer: str, barred: set[str]) -> None:
    bar(any_desk)
    with any_desk.session() as session:
        mail_to(session, PEOPLE, offer=offer)
    left = set(PEOPLE) - barred
    assert set(queued(any_desk)) == left  # when it is queued
    with any_desk.session() as session:
        reasons = suppressions.reasons_of(
            session, PEOPLE, "announcement", topic_of("announcement", "", offer)
        )
        assert set(reasons) == barred
        for one in left:
            suppressions.add(session, one, scope="offers" if offer else "newsletter")
    assert addresses(claimed(any_desk)) == []  # when a sender takes it


@pytest.mark.parametrize(
    ("offer", "barred"), [("3071", {PEOPLE[0], PEOPLE[2]}), ("", {PEOPLE[1], PEOPLE[2]})]
)
def test_what_is_on_its_way_is_called_back(any_desk: Desk, offer: str, barred: set[str]) -> None:
    with any_desk.session() as session:
        mail_to(session, PEOPLE, offer=offer)
    (claim,) = claimed(any_desk)
    bar(any_desk)
    with any_desk.reading() as session:
        back = recalled(session, [mail.id for mail in claim.mails])
    assert {mail.address for mail in claim.mails if mail.id in back} == barred


def test_operational_mail_minds_neither_topic_nor_the_news_of_a_domain(any_desk: Desk) -> None:
    bar(any_desk)
    with any_desk.session() as session:
        for address in PEOPLE:
            enqueue_one(
                session, any_desk.vault, key=address, content=draft(kind="operational"), address=address
            )
    assert len(queued(any_desk)) == 4
    with any_desk.session() as session:
        suppressions.add(session, "@b.example")
    (claim,) = claimed(any_desk)
    assert PEOPLE[2] not in {mail.address for mail in claim.mails}
