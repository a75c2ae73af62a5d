"""A small network: two groups, two managers, five affiliates."""

from dataclasses import dataclass

import pytest

from webapp.accounts.models import User
from webapp.affiliates.models import Affiliate, AffiliateGroup
from webapp.desk import Desk


def affiliate(number: int, **fields: object) -> Affiliate:
    email = str(fields.pop("email", f"Partner{number}@Example.com"))
    return Affiliate(affiliate_id=str(10_000 + number), email=email, address=email.lower(), **fields)


@dataclass
class Network:
    mara: User
    tom: User
    solar: AffiliateGroup
    travel: AffiliateGroup
    affiliates: list[Affiliate]

    def numbers(self, ids: object) -> list[int]:
        """Which of the affiliates, counted from 1, these ids are."""
        places = {each.id: place for place, each in enumerate(self.affiliates, 1)}
        return [places[each] for each in ids]  # type: ignore[attr-defined]


@pytest.fixture
def network(desk: Desk) -> Network:
    mara = User(email="mara@northlight.example", first_name="Mara", last_name="Lindqvist", rights=[])
    tom = User(
        email="tom@northlight.example", first_name="Tom", last_name="Okafor", phone="+46 31 1", rights=[]
    )
    solar, travel = AffiliateGroup(name="Solar"), AffiliateGroup(name="Travel & more-or-less")
    affiliates = [
        affiliate(1, first_name="Ana", group=solar, manager=tom),
        affiliate(2, first_name="Bo", group=solar, manager=mara),
        affiliate(3, first_name="Cy", group=travel, manager=tom),
        affiliate(4, first_name="Di"),
        affiliate(5, first_name="Ed", group=solar, manager=tom, status="paused"),
    ]
    with desk.session() as session:
        session.add_all([mara, tom, solar, travel, *affiliates])
    return Network(mara, tom, solar, travel, affiliates)
