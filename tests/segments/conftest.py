"""The small network of the affiliates' tests, with an offer, a suppression and some activity."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.affiliates.conftest import Network, network
from webapp.accounts.models import User
from webapp.affiliates.models import Affiliate
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail import suppressions
from webapp.offers.models import Assignment, Offer
from webapp.segments.conditions import Reader, condition
from webapp.segments.models import AffiliateActivity
from webapp.segments.rules import Group, Rule

__all__ = ["network"]
Names = Callable[..., list[int]]


@pytest.fixture
def rich(desk: Desk, network: Network) -> Network:
    """1 runs offer 3071, 2 asked for it, 3 was denied; 1 was mailed yesterday and clicked, 2 long ago; 3 left the news."""
    with desk.session() as session:
        one, two, three, four, _ = (session.get_one(Affiliate, each.id) for each in network.affiliates)
        one.country, two.country, one.language = "GB", "IE", "en"
        one.tags, two.tags = "gold,vip", "100%,vip"
        one.company, four.company = "Müller & Söhne", "Solar 50% off"
        four.created_at = utcnow() - timedelta(days=400)
        two.additional_data1 = "wire"
        offer = Offer(cid="3071", name="Solara", category="Energy", manager_id=network.mara.id)
        session.add_all([offer, Offer(cid="3072", name="Other", category="Travel")])
        session.flush()
        for affiliate, state in ((one, "approved"), (two, "requested"), (three, "denied")):
            session.add(Assignment(offer_id=offer.id, affiliate_id=affiliate.id, state=state))
        days = [utcnow() - timedelta(days=number) for number in (1, 90)]
        session.add(AffiliateActivity(affiliate_id=one.id, mailed_at=days[0], clicked_at=days[0]))
        session.add(AffiliateActivity(affiliate_id=two.id, mailed_at=days[1], bounced_at=days[1]))
        suppressions.add(session, three.address, scope="offers", reason="unsubscribed")
    return network


@pytest.fixture
def names(session: Session, rich: Network) -> Names:
    """The numbers of those whom groups name, asked by `by` (None is the operator): `names([rule, …], …, out=[rule, …])`."""

    def asked(*groups: list[Rule], out: list[Rule] | None = None, by: User | None = None) -> list[int]:
        whole = [Group(tuple(rules)) for rules in groups]
        whole += [Group(tuple(out), minus=True)] if out else []
        query = select(Affiliate.id).where(condition(Reader(session, by), whole)).order_by(Affiliate.id)
        return rich.numbers(session.scalars(query))

    return asked
