"""Two affiliates on a network, and a mail to the first of them with links in it."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from flask import Flask

from tests.browser import Person
from webapp.affiliates.models import Affiliate
from webapp.desk import Desk
from webapp.mail import links
from webapp.mail.outbox.enqueue import enqueue_one
from webapp.offers.models import Assignment, Creative, Offer
from webapp.settings import store

PATTERN = "https://go.northlight.example/?c=[=CID=]&a=[=Affiliate.ID=]"


@dataclass
class World:
    """`ana` runs `solar` on her own payout, `bo` asked for it; nobody has to do with `travel`. `secret` is a draft."""

    desk: Desk
    ana: Affiliate
    bo: Affiliate
    solar: Offer
    travel: Offer
    secret: Offer
    creative: Creative

    def link(
        self, affiliate: Affiliate, path: str = links.AUTO_LOGIN, key: str = "mail:1", cid: str = ""
    ) -> str:
        """A link of a mail to this affiliate."""
        with self.desk.session() as session:
            mail = enqueue_one(
                session, self.desk.vault, key=key, content={"subject": "x"}, offer=cid,
                address=affiliate.email, recipient_id=affiliate.id,
            )  # fmt: skip
            number = mail.id
        return links.link(self.desk.vault, "", path, number)

    def signed_in(self, app: Flask, affiliate: Affiliate) -> Person:
        """The affiliate in a browser of his own, signed in by a link."""
        person = Person(app)
        answer = person.post(self.link(affiliate, key=f"in:{affiliate.id}:{id(person)}"))
        assert answer.status_code == 302
        return person


@pytest.fixture
def world(desk: Desk) -> World:
    people = [
        Affiliate(affiliate_id=number, email=f"{name}@Example.com", address=f"{name}@example.com", first_name=name)
        for number, name in (("1", "ana"), ("2", "bo"))
    ]  # fmt: skip
    solar = Offer(
        cid="3071", name="Solar US", title="Solar Quotes", payout=Decimal("24"), type="CPL", tracking_url=PATTERN,
        description='<p style="x">Home <b>owners</b>.</p><img src="https://x.example/p.png">',
    )  # fmt: skip
    travel = Offer(cid="4000", name="Travel Deals", payout=Decimal("5"))
    secret = Offer(cid="5000", name="Secret Plan", status="draft")
    creative = Creative(
        kind="banner", name="Wide", code='<a href="[=TrackingURL=]"><script>x()</script>Go</a>'
    )
    with desk.session() as session:
        store.put(session, {"network_name": "Northlight", "from_address": "hi@northlight.example"})
        session.add_all([*people, solar, travel, secret])
        session.flush()
        creative.offer_id = solar.id
        session.add(creative)
        ana, bo = people
        own = {"payout": Decimal("30.5"), "tracking_url": ""}
        session.add(Assignment(offer_id=solar.id, affiliate_id=ana.id, state="approved", **own))
        session.add(Assignment(offer_id=solar.id, affiliate_id=bo.id, state="requested", tracking_url=""))
    return World(desk, ana, bo, solar, travel, secret, creative)


@pytest.fixture
def ana(app: Flask, world: World) -> Person:
    return world.signed_in(app, world.ana)


@pytest.fixture
def bo(app: Flask, world: World) -> Person:
    return world.signed_in(app, world.bo)
