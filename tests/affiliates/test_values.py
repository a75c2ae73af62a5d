"""The token values that the sender asks for."""

from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.affiliates.conftest import Network
from webapp.affiliates.values import COLUMNS, AffiliateValues


def test_a_claim_gets_the_values_of_its_affiliates(network: Network, session: Session) -> None:
    first, fourth = network.affiliates[0], network.affiliates[3]
    found = AffiliateValues().load(session, [first.id, fourth.id])
    assert found[first.id] == dict.fromkeys(COLUMNS, "") | {
        "affiliate.id": "10001",
        "affiliate.firstname": "Ana",
        "affiliate.groupname": "Solar",
        "affiliate.groupid": str(network.solar.id),
        "affiliate.email": "Partner1@Example.com",
        "affiliatemanager.firstname": "Tom",
        "affiliatemanager.lastname": "Okafor",
        "affiliatemanager.email": "tom@northlight.example",
        "affiliatemanager.phone": "+46 31 1",
    }
    assert found[fourth.id]["affiliate.groupid"] == found[fourth.id]["affiliatemanager.email"] == ""


def test_a_deleted_affiliate_is_not_in_the_answer(network: Network, session: Session) -> None:
    assert AffiliateValues().load(session, [999_999]) == {}


def test_a_claim_costs_one_query(network: Network, session: Session) -> None:
    asked: list[str] = []
    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    AffiliateValues().load(session, [each.id for each in network.affiliates])
    assert len([words for words in asked if words.startswith("SELECT")]) == 1
