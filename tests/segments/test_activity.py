"""What became of mails, kept beside each affiliate."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from tests.affiliates.conftest import Network, network
from webapp.affiliates import erasing
from webapp.affiliates.models import Affiliate
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail import events
from webapp.mail.clicks import Click
from webapp.mail.models import Attempt, MailContent, OutboxMail
from webapp.segments import activity
from webapp.segments.models import AffiliateActivity

__all__ = ["network"]
NOW = timedelta()


@pytest.fixture
def mails(desk: Desk, network: Network) -> list[int]:
    """A mail to each of the first three."""
    with desk.session() as session:
        content = MailContent(draft={"subject": "Hi"})
        made = [
            OutboxMail(
                key=f"k{one.id}",
                content=content,
                recipient_id=one.id,
                address=one.address,
                kind="announcement",
            )
            for one in network.affiliates[:3]
        ]
        session.add_all(made)
        session.flush()
        return [mail.id for mail in made]


def attempt(desk: Desk, mail: int, status: str = "accepted", at: datetime | None = None) -> None:
    with desk.session() as session:
        session.add(Attempt(mail_id=mail, lease=1, number=1, status=status, at=at or utcnow()))


def kept(desk: Desk, network: Network) -> dict[int, AffiliateActivity]:
    with desk.reading() as session:
        rows = session.scalars(select(AffiliateActivity)).all()
        return {network.numbers([row.affiliate_id])[0]: row for row in rows}


def test_only_what_was_accepted_counts_as_mailed_and_the_latest_stays(
    desk: Desk, network: Network, mails: list[int]
) -> None:
    late, early = utcnow() - timedelta(days=1), utcnow() - timedelta(days=9)
    attempt(desk, mails[0], at=late)
    attempt(desk, mails[1], "deferred")
    assert activity.catch_up(desk, settled=NOW) == 1
    attempt(desk, mails[0], at=early)
    activity.catch_up(desk, settled=NOW)
    assert {number: row.mailed_at for number, row in kept(desk, network).items()} == {1: late}
    assert activity.catch_up(desk, settled=NOW) == 0


def test_clicks_of_people_and_what_nobody_can_forge_count(
    desk: Desk, network: Network, mails: list[int]
) -> None:
    at = utcnow()
    with desk.session() as session:
        session.add(Click(key="a", mail_id=mails[0], link=0, at=at))
        session.add(Click(key="b", mail_id=mails[1], link=0, machine="burst", at=at))
        for number, verified in ((0, False), (2, True)):
            told = {"key": f"e{number}", "mail_id": mails[number], "kind": "bounced", "severity": "soft"}
            events.record(session, {**told, "verified": verified, "at": at})
    activity.catch_up(desk, settled=NOW)
    found = kept(desk, network)
    assert (found[1].clicked_at, found[1].bounced_at) == (at, None)
    assert found[3].bounced_at == at
    assert 2 not in found


def test_what_has_only_just_been_told_waits(desk: Desk, network: Network, mails: list[int]) -> None:
    attempt(desk, mails[0])
    assert activity.catch_up(desk) == 0


def test_it_goes_with_the_affiliate(desk: Desk, network: Network, mails: list[int]) -> None:
    attempt(desk, mails[0])
    activity.catch_up(desk, settled=NOW)
    with desk.session() as session:
        erasing.erase(session, "command line", session.get_one(Affiliate, network.affiliates[0].id))
    assert kept(desk, network) == {}
