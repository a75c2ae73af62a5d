"""A network with offers, and a digest of theirs that is due."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from tests.browser import Person
from tests.network import MakeAffiliate, affiliate, message, network, writer
from webapp.affiliates.models import Affiliate
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.digests import service
from webapp.digests.models import Digest
from webapp.digests.service import Plan
from webapp.offers.models import Assignment, Offer

__all__ = ["affiliate", "message", "network", "writer"]
MakeOffer = Callable[..., Offer]
MakeDigest = Callable[..., Digest]


@pytest.fixture
def offer(network: Desk) -> MakeOffer:
    """Makes an active offer; affiliates are put on it by the state: `offer("3071", approved=[one])`."""

    def make(
        cid: str, *, denied: Sequence[Affiliate] = (), approved: Sequence[Affiliate] = (), **fields: object
    ) -> Offer:
        with network.session() as session:
            made = Offer(**{"cid": cid, "name": f"Offer {cid}", **fields})
            session.add(made)
            session.flush()
            for state, people in (("approved", approved), ("denied", denied)):
                session.add_all(
                    Assignment(offer_id=made.id, affiliate_id=each.id, state=state) for each in people
                )
        return made

    return make


@pytest.fixture
def digest(network: Desk, owner: Person) -> MakeDigest:
    """Makes a digest of the owner's (or of `by`) that is on and due."""

    def make(by: Person = owner, **plan: object) -> Digest:
        with network.session() as session:
            user = session.merge(by.user)
            made = service.create(session, user, Plan(**{"name": "Fresh", **plan}))  # type: ignore[arg-type]
            service.switch(session, user, made, on=True)
            made.next_at = utcnow() - timedelta(minutes=1)
        return made

    return make


@pytest.fixture
def two(affiliate: MakeAffiliate) -> list[Affiliate]:
    return [affiliate("One", email="one@a.example.com"), affiliate("Two", email="two@a.example.com")]
