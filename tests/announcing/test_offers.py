"""Changes of offers and of who runs them: each is told once to those it concerns, and shown before it is made."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.announcing.conftest import Mails, values_of
from tests.announcing.test_announcing import switch_off
from tests.browser import Person, words
from tests.offers.conftest import Market
from webapp.desk import Desk
from webapp.mail.models import MailContent
from webapp.offers.models import Assignment, Creative, Offer


@pytest.fixture
def solar(network: Desk, market: Market) -> Market:
    """The market of a network that can send."""
    return market


def press_twice(person: Person, path: str, data: Mapping[str, Any]) -> str:
    """Reads whom it would mail, and presses once more; the words of the page that follows."""
    first = person.post(path, data)
    return words(person.post(path, {**data, "seen": seen(first)}, follow=True))


def seen(answer: TestResponse) -> str:
    found = re.search(r'name="seen" value="(\w+)"', answer.get_data(as_text=True))
    assert found, "the page says of nobody that he would be mailed"
    return found[1]


def status(desk: Desk, market: Market) -> str:
    with desk.reading() as session:
        return session.get_one(Offer, market.solar.id).status


def test_a_pause_says_first_whom_it_mails_and_is_mailed_once(
    owner: Person, network: Desk, solar: Market, mails: Mails
) -> None:
    path = f"/offers/{solar.solar.id}/status"
    first = owner.post(path, {"status": "paused"})
    assert "Saving mails 2 people" in words(first)
    assert "Ana, Bo" in words(first)
    assert (status(network, solar), mails("offer_paused")) == ("active", [])
    typed = {"status": "paused", "seen": seen(first), "tell_reason": "No budget.", "tell_from": "2027-01-31"}
    assert "2 mails are on the way: Offer Paused." in words(owner.post(path, typed, follow=True))
    owner.post(path, typed)  # a double click
    assert len(mails("offer_paused")) == 2
    assert values_of(network, mails("offer_paused")[0]) == {
        "pausereason": "No budget.",
        "effectivedate": "31 January 2027",
    }


def test_a_tick_saves_silently(owner: Person, network: Desk, solar: Market, mails: Mails) -> None:
    typed = {"status": "paused", "silent": "yes"}
    page = owner.post(f"/offers/{solar.solar.id}/status", typed, follow=True)
    assert "Nobody was mailed, as you wished." in words(page)
    assert (status(network, solar), mails("offer_paused")) == ("paused", [])


def test_a_switched_off_template_is_no_reason_to_ask_but_to_say_so(
    owner: Person, network: Desk, solar: Market, mails: Mails
) -> None:
    switch_off(network, "offer_paused")
    page = owner.post(f"/offers/{solar.solar.id}/status", {"status": "paused"}, follow=True)
    assert "“Offer Paused” is switched off, so nobody was mailed" in words(page)
    assert (status(network, solar), mails("offer_paused")) == ("paused", [])


def test_a_wrong_day_is_refused_and_nothing_is_changed(owner: Person, network: Desk, solar: Market) -> None:
    typed = {"status": "paused", "silent": "yes", "tell_from": "soon"}
    assert owner.post(f"/offers/{solar.solar.id}/status", typed).status_code == 400
    assert status(network, solar) == "active"


def test_resuming_and_ending_are_told(owner: Person, network: Desk, solar: Market, mails: Mails) -> None:
    path = f"/offers/{solar.solar.id}/status"
    owner.post(path, {"status": "paused", "silent": "yes"})
    press_twice(owner, path, {"status": "active"})
    press_twice(owner, path, {"status": "ended"})
    assert [len(mails(event)) for event in ("offer_paused", "offer_resumed", "offer_ending")] == [0, 2, 2]


def test_a_new_payout_reaches_those_without_one_of_their_own(
    owner: Person, network: Desk, solar: Market, mails: Mails
) -> None:
    form = {"name": "Solar US", "title": "Solar Quotes US", "type": "CPL", "currency": "USD", "payout": "26",
            "status": "active", "cid": "3071", "manager_email": "cleo@northlight.example",
            "tracking_url": "https://go.example.com/?a=[=Affiliate.ID=]"}  # fmt: skip
    said = press_twice(owner, f"/offers/{solar.solar.id}/edit", form)
    assert "1 mail is on the way: Payout Change." in said
    (mail,) = mails("payout_change")
    assert mail.address == "p1@example.com"
    values = values_of(network, mail)
    assert (values["oldpayout"], values["newpayout"]) == ("$24.00", "$26.00")
    assert "Nothing was mailed" in words(
        owner.post(f"/offers/{solar.solar.id}/edit", {**form, "category": "Energy"}, follow=True)
    )


def test_payouts_of_many_come_from_lines_or_a_file_and_each_hears_of_his_own(
    owner: Person, network: Desk, solar: Market, mails: Mails
) -> None:
    path = f"/offers/{solar.solar.id}/payouts"
    assert "No affiliate with the ID “77”" in words(owner.post(path, {"payouts": "77,30"}))
    assert "is no payout" in words(owner.post(path, {"payouts": "1,much"}))
    press_twice(owner, path, {"payouts": "affiliate_id,payout\n1,25\n2;\n3,40"})
    told = {mail.address: values_of(network, mail) for mail in mails("payout_change")}
    assert {who: (one["oldpayout"], one["newpayout"]) for who, one in told.items()} == {
        "p1@example.com": ("$24.00", "$25.00"),
        "p2@example.com": ("$30.50", "$24.00"),
    }  # the third only asked for the offer
    with network.reading() as session:
        found = session.query(Assignment).filter_by(affiliate_id=solar.waiting.id).one()
        assert found.payout == Decimal("40")


def test_a_request_is_approved_once_however_often_it_is_pressed(
    owner: Person, network: Desk, solar: Market, mails: Mails
) -> None:
    picks = [f"{solar.solar.id}-{one.id}" for one in (solar.plain, solar.waiting)]
    typed = {"pick": picks, "state": "approved"}
    said = press_twice(owner, "/assignments/decide", typed)
    assert "1 row was approved. 1 mail is on the way: Campaign Request Approved." in said
    owner.post("/assignments/decide", typed)
    assert [mail.recipient_id for mail in mails("campaign_request_approved")] == [solar.waiting.id]


def test_a_denial_carries_its_reason(owner: Person, network: Desk, solar: Market, mails: Mails) -> None:
    typed = {"pick": f"{solar.solar.id}-{solar.waiting.id}", "state": "denied"}
    press_twice(owner, "/assignments/decide", {**typed, "tell_reason": "Too\n much incentive traffic."})
    (mail,) = mails("campaign_request_denied")
    assert values_of(network, mail) == {"denialreason": "Too much incentive traffic."}


def test_creatives_reach_those_who_run_the_offer_and_again_after_a_change(
    owner: Person, network: Desk, solar: Market, mails: Mails
) -> None:
    path = f"/offers/{solar.solar.id}/creatives/send"
    assert "There is no creative to send" in words(owner.post(path, follow=True))
    with network.session() as session:
        creative = Creative(offer_id=solar.solar.id, kind="link", name="Plain", code="[=TrackingURL=]")
        session.add(creative)
    press_twice(owner, path, {})
    press_twice(owner, path, {})
    assert len(mails("send_creatives")) == 2
    with network.session() as session:
        session.get_one(Creative, creative.id).code = "<a href='[=TrackingURL=]'>Go</a>"
    press_twice(owner, path, {})
    assert len(mails("send_creatives")) == 4
    with network.reading() as session:
        assert session.get_one(MailContent, mails("send_creatives")[0].content_id).offer == "3071"


def test_nobody_learns_the_names_of_affiliates_that_he_may_not_see(app: Flask, solar: Market) -> None:
    page = words(Person(app, solar.cleo).post(f"/offers/{solar.solar.id}/status", {"status": "paused"}))
    assert "2 people" in page
    assert "Ana" not in page


def test_who_may_not_change_the_offer_sends_nothing(
    app: Flask, colleague: Person, stranger: Person, solar: Market, mails: Mails
) -> None:
    for path in ("status", "creatives/send", "payouts", "requests"):
        where = f"/offers/{solar.solar.id}/{path}"
        assert colleague.post(where, {"status": "paused"}).status_code == 403
        assert stranger.post(where, {"status": "paused"}).status_code == 302
        assert Person(app, solar.carl).post(where, {"status": "paused"}).status_code == 404
    assert mails("offer_paused") == []


def test_somebody_added_by_hand_is_mailed_only_with_a_tick(
    owner: Person, network: Desk, mails: Mails
) -> None:
    nobody = {"group": "", "manager_email": "", "country": ""}
    typed = {"email": "new@example.com", "status": "active", "first_name": "Nia", **nobody}
    assert "Nothing was mailed" in words(owner.post("/affiliates/new", typed, follow=True))
    ticked = {**typed, "email": "other@example.com", "welcome": "y"}
    page = words(owner.post("/affiliates/new", ticked, follow=True))
    assert "1 mail is on the way: Application Approved." in page
    assert [mail.address for mail in mails("application_approved")] == ["other@example.com"]


def test_a_text_in_the_place_of_a_file_is_no_file(owner: Person, network: Desk, solar: Market) -> None:
    typed = {"payouts": "", "file": "-1"}
    assert owner.post(f"/offers/{solar.solar.id}/payouts", typed).status_code == 200
