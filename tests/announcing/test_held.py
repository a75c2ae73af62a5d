"""Events that mail very many wait for a second person: by hand, by the clock and by the API; small ones go on."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from tests.announcing.conftest import Mails, values_of
from tests.browser import Person, words
from tests.offers.conftest import Market
from tests.personas import MakePerson, make_user
from webapp.accounts.models import User
from webapp.accounts.rights import ALL
from webapp.affiliates.models import Affiliate
from webapp.announcing import jobs
from webapp.announcing.models import HeldEvent
from webapp.api import keys
from webapp.cli import main
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.offers.models import Offer
from webapp.settings import store

HERE = "/events/waiting"


@pytest.fixture
def solar(network: Desk, market: Market) -> Market:
    """Two affiliates run the offer, and one person may decide about one alone."""
    with network.session() as session:
        store.put(session, {"approve_above": "1"})
    return market


@pytest.fixture
def second(person: MakePerson) -> Person:
    return person(
        "approve_large_sends", "view_all_affiliates", email="second@desk.example.com", first_name="Sec"
    )


def pause(owner: Person, market: Market) -> str:
    """Press the button, read who hears of it, press it again."""
    place = f"/offers/{market.solar.id}/status"
    page = owner.post(place, {"status": "paused"})
    assert "A second person has to approve it first" in words(page)
    seen = page.text.split('name="seen" value="')[1].split('"')[0]
    return words(
        owner.post(place, {"status": "paused", "seen": seen, "tell_reason": "Cap reached"}, follow=True)
    )


def held(desk: Desk) -> list[HeldEvent]:
    with desk.reading() as session:
        return list(session.scalars(select(HeldEvent).order_by(HeldEvent.id)))


def test_the_change_is_made_and_its_mails_wait(
    network: Desk, solar: Market, owner: Person, second: Person, mails: Mails
) -> None:
    assert "before a second person has approved it" in pause(owner, solar)
    with network.reading() as session:
        assert session.get_one(Offer, solar.solar.id).status == "paused"
    assert mails("offer_paused") == []
    assert {mail.address for mail in mails("staff_approval_waits")} == {"second@desk.example.com"}
    [row] = held(network)
    assert (row.count, row.state, row.asked_by) == (2, "waiting", owner.user and owner.user.id)
    assert "Cap reached" not in row.sealed
    assert "1 event waits for a second person" in words(second.get("/"))


def test_the_second_person_sees_whom_and_lets_them_go(
    network: Desk, solar: Market, owner: Person, second: Person, colleague: Person, mails: Mails
) -> None:
    pause(owner, solar)
    page = words(second.get(f"{HERE}/1"))
    assert "2 people now, 2 when it happened" in page
    assert "Ana" in page
    assert "Cap reached" in page
    assert colleague.post(f"{HERE}/1/approve").status_code == 403
    assert owner.post(f"{HERE}/1/approve").status_code == 409  # whoever made the change
    assert "2 mails are on the way" in words(second.post(f"{HERE}/1/approve", follow=True))
    assert {mail.recipient_id for mail in mails("offer_paused")} == {solar.plain.id, solar.special.id}
    assert values_of(network, mails("offer_paused")[0])["pausereason"] == "Cap reached"
    assert second.post(f"{HERE}/1/approve").status_code == 409
    assert len(mails("offer_paused")) == 2
    assert "Approved by Sec" in words(second.get(f"{HERE}?state=approved&q=paused"))


def test_who_left_meanwhile_is_not_mailed(
    network: Desk, solar: Market, owner: Person, second: Person, mails: Mails
) -> None:
    pause(owner, solar)
    with network.session() as session:
        session.get_one(Affiliate, solar.plain.id).status = "closed"
    second.post(f"{HERE}/1/approve")
    assert [mail.recipient_id for mail in mails("offer_paused")] == [solar.special.id]


def test_a_declined_one_mails_nobody_and_says_why(
    network: Desk, solar: Market, owner: Person, second: Person, mails: Mails
) -> None:
    pause(owner, solar)
    assert "Say why nobody is to hear of it" in words(second.post(f"{HERE}/1/decline"))
    second.post(f"{HERE}/1/decline", {"reason": "They know it"})
    assert "They know it" in words(second.get(f"{HERE}/1"))
    assert mails("offer_paused") == []


def test_the_clock_asks_once_and_mails_once(
    network: Desk, solar: Market, second: Person, mails: Mails
) -> None:
    with network.session() as session:
        session.get_one(Offer, solar.solar.id).end_date = utcnow().date() + timedelta(days=2)
    jobs.ending(network)
    jobs.ending(network)
    assert mails("offer_ending") == []
    assert [row.asked_by for row in held(network)] == [None]
    second.post(f"{HERE}/1/approve")
    jobs.ending(network)
    assert len(mails("offer_ending")) == 2


def test_what_was_declined_is_not_asked_again(
    network: Desk, solar: Market, second: Person, mails: Mails
) -> None:
    with network.session() as session:
        session.get_one(Offer, solar.solar.id).end_date = utcnow().date() + timedelta(days=2)
    jobs.ending(network)
    second.post(f"{HERE}/1/decline", {"reason": "No"})
    jobs.ending(network)
    assert [row.state for row in held(network)] == ["declined"]
    assert mails("offer_ending") == []


@pytest.fixture
def boss(network: Desk) -> User:
    return make_user(network, "boss@desk.example.com", ALL)


@pytest.fixture
def tell(app: Flask, network: Desk, boss: User) -> Callable[..., dict[str, object]]:
    """A program of the boss's tells a change to affiliates: `tell("many", "1", "2")`."""
    with network.session() as session:
        wish = keys.Wish("Platform", ("events:write",))
        secret = keys.make(session, session.merge(boss), wish)[1]

    def tell(change: str, *people: str) -> dict[str, object]:
        told = {"change": change, "affiliates": list(people)}
        headers = {"Authorization": f"Bearer {secret}"}
        answer = app.test_client().post("/api/events/payment_notice", json=told, headers=headers).get_json()
        assert isinstance(answer, dict)
        return answer

    return tell


def test_a_program_waits_too_and_its_owner_does_not_approve(
    app: Flask,
    boss: User,
    tell: Callable[..., dict[str, object]],
    solar: Market,
    second: Person,
    mails: Mails,
) -> None:
    assert tell("one", "1")["held"] == ""
    assert tell("many", "1", "2")["held"] == "approval"
    assert tell("many", "1", "2")["held"] == "approval"
    assert len(mails("payment_notice")) == 1
    assert Person(app, boss).post(f"{HERE}/1/approve").status_code == 409
    second.post(f"{HERE}/1/approve")
    assert len(mails("payment_notice")) == 3
    assert tell("many", "1", "2")["held"] == ""
    assert len(mails("payment_notice")) == 3


def test_a_yes_for_some_is_none_for_others_and_nobody_of_a_second_request_is_lost(
    network: Desk, tell: Callable[..., dict[str, object]], solar: Market, second: Person, mails: Mails
) -> None:
    with network.session() as session:
        more = {"email": "p4@example.com", "address": "p4@example.com", "first_name": "Di"}
        session.add(Affiliate(affiliate_id="4", **more))
    assert tell("cap", "1", "2")["held"] == "approval"
    assert tell("cap", "3", "4")["held"] == "approval"
    second.post(f"{HERE}/1/approve")
    assert len(mails("payment_notice")) == 2
    assert tell("cap", "3", "4")["held"] == "approval"
    second.post(f"{HERE}/2/approve")
    assert len(mails("payment_notice")) == 4


def test_the_values_that_wait_survive_a_new_key(
    environ: dict[str, str], network: Desk, solar: Market, owner: Person, second: Person, mails: Mails
) -> None:
    pause(owner, solar)
    before = held(network)[0].sealed
    assert CliRunner().invoke(main, ["key", "rotate"], env=environ).exit_code == 0
    assert held(network)[0].sealed != before
    second.post(f"{HERE}/1/approve")
    assert len(mails("offer_paused")) == 2
