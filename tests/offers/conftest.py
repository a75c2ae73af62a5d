"""Two offers, one of each campaign manager, and three affiliates who stand differently to the first of them."""

from dataclasses import dataclass
from decimal import Decimal

import pytest

from tests.personas import make_user
from webapp.accounts.models import User
from webapp.affiliates.models import Affiliate
from webapp.desk import Desk
from webapp.offers.models import Assignment, Offer

PATTERN = "https://go.northlight.example/?c=[=CID=]&a=[=Affiliate.ID=]"


@dataclass
class Market:
    cleo: User
    carl: User
    solar: Offer
    travel: Offer
    plain: Affiliate
    special: Affiliate
    waiting: Affiliate


@pytest.fixture
def market(desk: Desk) -> Market:
    """`plain` has the offer's terms, `special` his own, `waiting` asked for the offer."""
    cleo = make_user(desk, "cleo@northlight.example", {"edit_own_offers"}, first_name="Cleo")
    carl = make_user(desk, "carl@northlight.example", {"edit_own_offers"}, first_name="Carl")
    solar = Offer(
        cid="3071", name="Solar US", title="Solar Quotes US", payout=Decimal("24"), currency="USD", type="CPL",
        tracking_url=PATTERN, description="<p>Home owners.</p>", manager_id=cleo.id,
    )  # fmt: skip
    travel = Offer(cid="4000", name="Secret Travel", manager_id=carl.id)
    people = [
        Affiliate(affiliate_id=str(number), email=f"p{number}@example.com", address=f"p{number}@example.com", first_name=name)
        for number, name in ((1, "Ana"), (2, "Bo"), (3, "Cy"))
    ]  # fmt: skip
    with desk.session() as session:
        session.add_all([solar, travel, *people])
        session.flush()
        plain, special, waiting = people
        own = {"payout": Decimal("30.5"), "tracking_url": "https://own.example/bo"}
        session.add(Assignment(offer_id=solar.id, affiliate_id=plain.id, state="approved", tracking_url=""))
        session.add(Assignment(offer_id=solar.id, affiliate_id=special.id, state="approved", **own))
        session.add(
            Assignment(offer_id=solar.id, affiliate_id=waiting.id, state="requested", tracking_url="")
        )
    return Market(cleo, carl, solar, travel, *people)
