"""What the tokens of an offer become for each affiliate."""

from decimal import Decimal

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from tests.offers.conftest import Market
from webapp.affiliates.models import Affiliate
from webapp.mail.tokens import TOKENS
from webapp.mail.tokens.lists import items_of
from webapp.offers.details import offer_type
from webapp.offers.links import filler
from webapp.offers.models import Assignment, Creative, Offer
from webapp.offers.money import bare, written
from webapp.offers.values import OfferValues, lacking, offer_keys


def terms(session: Session, market: Market, affiliate: Affiliate) -> tuple[str, str, str]:
    values = OfferValues().load(session, [affiliate.id], "3071")[affiliate.id]
    return values["offerpayout"], values["offerpayoutnocurrencysymbol"], values["trackingurl"]


def test_each_affiliate_has_his_own_terms(session: Session, market: Market) -> None:
    assert terms(session, market, market.plain) == (
        "$24.00",
        "24.00",
        "https://go.northlight.example/?c=3071&a=1",
    )
    assert terms(session, market, market.special) == ("$30.50", "30.50", "https://own.example/bo")
    assert terms(session, market, market.waiting) == ("$24.00", "24.00", "")


def test_a_link_is_filled_safely_or_not_at_all() -> None:
    pattern = "https://x.example/[= affiliate.id =]?s=[=Affiliate.AltID=]"
    assert (
        filler(pattern)({"affiliate.id": "a/b&c", "affiliate.altid": "ü"})
        == "https://x.example/a%2Fb%26c?s=%C3%BC"
    )
    assert filler(pattern)({"affiliate.id": "1", "affiliate.altid": ""}) == ""


def test_the_values_of_the_offer_are_the_same_for_all(session: Session, market: Market) -> None:
    values = OfferValues().load(session, [market.plain.id], "3071")[market.plain.id]
    assert values["offername"] == "Solar Quotes US"
    assert values["offertype"] == "Cost per lead"
    assert values["offerdescription"] == "<p>Home owners.</p>"
    assert values["affiliate.firstname"] == "Ana"


def test_what_the_text_does_not_use_is_not_sent_along(session: Session, market: Market) -> None:
    values = OfferValues().load(session, [market.plain.id], "3071", {"cid"})[market.plain.id]
    assert "offerdescription" not in values
    assert values["cid"] == "3071"


def test_a_mail_about_no_offer_has_no_values_of_one(session: Session, market: Market) -> None:
    values = OfferValues().load(session, [market.plain.id])[market.plain.id]
    assert not offer_keys() & values.keys()


def test_a_claim_costs_one_query_for_all_its_affiliates(session: Session, market: Market) -> None:
    asked: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    OfferValues().load(session, [market.plain.id, market.special.id, market.waiting.id], "3071", {"cid"})
    assert sum("FROM affiliates" in words for words in asked) == 1
    assert sum(words.startswith("SELECT") for words in asked) == 2  # the other one reads the offer


@pytest.mark.parametrize(
    "change", [{}, {"payout": None}, {"tracking_url": ""}, {"logo_url": "https://x.example/l"}]
)
def test_who_lacks_a_value_is_told_before_sending_just_as_it_would_be_empty(
    session: Session, market: Market, change: dict[str, object]
) -> None:
    nameless = Affiliate(email="x@example.com", address="x@example.com")
    session.add(nameless)
    offer = session.get_one(Offer, market.solar.id)
    for name, value in change.items():
        setattr(offer, name, value)
    session.flush()
    session.add(Assignment(offer_id=offer.id, affiliate_id=nameless.id, state="approved", tracking_url=""))
    session.flush()
    people = [market.plain.id, market.special.id, market.waiting.id, nameless.id]
    # Creatives are shown in their own kind of mail only; nothing gives the two links to them a value yet.
    found = OfferValues().load(session, people, "3071", TOKENS.keys() - {"creatives"})
    for key in offer_keys():
        told = set(session.scalars(select(Affiliate.id).where(lacking(offer, key))))
        assert told == {number for number in people if not found[number].get(key)}, key


def test_creatives_are_shown_as_code_with_the_own_link(session: Session, market: Market) -> None:
    code = '<a href="[=TrackingURL=]">Go</a><script>1</script>'
    session.add(Creative(offer_id=market.solar.id, kind="link", name="<b>Link", code=code))
    session.flush()
    block = OfferValues().load(session, [market.special.id], "3071")[market.special.id]["creatives"]
    assert "&lt;a href=&quot;https://own.example/bo&quot;&gt;" in block
    assert "<h4>&lt;b&gt;Link</h4>" in block
    assert "<script" not in block


@pytest.mark.parametrize(
    ("amount", "currency", "number", "words"),
    [
        ("24", "USD", "24.00", "$24.00"),
        ("0.0125", "EUR", "0.0125", "€0.0125"),
        ("1500", "JPY", "1500", "¥1,500"),
        ("1234567.5", "CHF", "1234567.50", "CHF 1,234,567.50"),
        ("1", "KWD", "1.000", "KWD 1.000"),
        ("0", "GBP", "0.00", "£0.00"),
    ],
)
def test_money_is_written_as_its_currency_wants_it(
    amount: str, currency: str, number: str, words: str
) -> None:
    assert bare(Decimal(amount), currency) == number
    assert written(Decimal(amount), currency) == words


def test_a_share_of_the_revenue_is_written_in_per_cent(session: Session, market: Market) -> None:
    session.get_one(Offer, market.solar.id).type = offer_type("revenue share")
    session.flush()
    assert terms(session, market, market.special)[:2] == ("30.5 %", "30.5")


def test_a_list_of_offers_has_those_that_somebody_runs_on_his_own_terms(
    session: Session, market: Market
) -> None:
    ids = [market.plain.id, market.special.id, market.waiting.id]
    session.add(
        Assignment(
            offer_id=market.travel.id, affiliate_id=market.special.id, state="approved", tracking_url=""
        )
    )
    session.flush()
    found = OfferValues().load(session, ids, wanted={"offers", "offername", "offerpayout", "trackingurl"})
    lists = [items_of(found[number]["offers"]) for number in ids]
    assert [item["offerpayout"] for item in lists[0]] == ["$24.00"]
    assert [item["trackingurl"] for item in lists[1]] == ["https://own.example/bo", ""]
    assert lists[2] == ()
    assert "offerdescription" not in lists[0][0]
    assert "offers" not in OfferValues().load(session, ids, wanted={"offername"})[ids[0]]


def test_a_paused_offer_is_in_no_list(session: Session, market: Market) -> None:
    session.get_one(Offer, market.solar.id).status = "paused"
    session.flush()
    assert items_of(OfferValues().load(session, [market.plain.id])[market.plain.id]["offers"]) == ()
