"""An event becomes mail in the transaction of the change: once for each person, or not at all."""

import pytest

from tests.announcing.conftest import Mails, values_of
from tests.browser import Person, words
from tests.network import MakeAffiliate
from tests.offers.conftest import Market
from webapp.announce import Happening, announce, expected, rehearsal, silently
from webapp.announcing.catalogue import EVENTS
from webapp.desk import Desk
from webapp.errors import Invalid, NotFound
from webapp.mail import suppressions
from webapp.mail.models import MailContent
from webapp.mail_templates import service
from webapp.mail_templates.catalogue import STARTS, SYSTEM
from webapp.offers.models import Offer


def paused(market: Market, **fields: object) -> Happening:
    given = {"change": "first", "people": [market.plain.id, market.special.id], "offer": "3071", **fields}
    return Happening("offer_paused", **given)  # type: ignore[arg-type]


def switch_off(desk: Desk, slug: str) -> None:
    with desk.session() as session:
        service.switch(session, "test", slug, on=False)


def test_each_person_gets_one_mail_however_often_a_change_is_announced(
    network: Desk, market: Market, mails: Mails
) -> None:
    with network.session() as session:
        done = announce(session, paused(market, values={"pausereason": "No budget."}))
    with network.session() as session:
        again = announce(session, paused(market))
    assert (done.queued, again.queued) == (2, 0)
    assert [mail.address for mail in mails("offer_paused")] == ["p1@example.com", "p2@example.com"]
    assert values_of(network, mails("offer_paused")[0]) == {"pausereason": "No budget."}


def test_another_change_is_mailed_again(network: Desk, market: Market, mails: Mails) -> None:
    with network.session() as session:
        announce(session, paused(market))
        announce(session, paused(market, change="second"))
    assert len(mails("offer_paused")) == 4


def test_a_change_that_is_undone_mails_nobody(network: Desk, market: Market, mails: Mails) -> None:
    with pytest.raises(RuntimeError), network.session() as session:
        session.get_one(Offer, market.solar.id).status = "paused"
        assert announce(session, paused(market)).queued == 2
        raise RuntimeError("the change failed after all")
    with network.reading() as session:
        assert session.get_one(Offer, market.solar.id).status == "active"
    assert mails("offer_paused") == []


def test_a_template_that_is_switched_off_mails_nobody_and_says_so(
    network: Desk, market: Market, mails: Mails
) -> None:
    switch_off(network, "offer_paused")
    with network.session() as session:
        assert "switched off" in str(announce(session, paused(market)))
        assert expected(session, [paused(market)], market.cleo)[0].off
    assert mails("offer_paused") == []


def test_a_suppressed_address_keeps_a_row_that_says_why(network: Desk, market: Market, mails: Mails) -> None:
    with network.session() as session:
        suppressions.add(session, "p1@example.com", reason="bounced")
        done = announce(session, paused(market))
    assert (done.queued, done.suppressed) == (1, 1)
    assert [(mail.state, mail.reason) for mail in mails("offer_paused")] == [
        ("suppressed", "bounced"),
        ("queued", ""),
    ]


def test_only_active_affiliates_are_mailed(
    network: Desk, market: Market, affiliate: MakeAffiliate, mails: Mails
) -> None:
    closed = affiliate("Gone Ltd", status="closed")
    with network.session() as session:
        announce(session, paused(market, people=[closed.id, market.plain.id]))
    assert [mail.recipient_id for mail in mails("offer_paused")] == [market.plain.id]


def test_mail_comes_from_the_manager_once_there_is_one(
    network: Desk, market: Market, affiliate: MakeAffiliate, mails: Mails
) -> None:
    managed = affiliate("Looked After", manager_id=market.cleo.id)
    with network.session() as session:
        announce(session, paused(market, people=[market.plain.id, managed.id]))
        drafts = [
            session.get_one(MailContent, mail.content_id).draft for mail in mails("offer_paused", session)
        ]
    assert [draft["from_name"] for draft in drafts] == ["Northlight Partners", "Cleo, Northlight Partners"]
    assert [draft["reply_to"] for draft in drafts] == [
        "support@northlight.example.com",
        "cleo@northlight.example",
    ]


def test_the_team_hears_of_a_request_with_the_values_of_its_affiliate(
    network: Desk, market: Market, mails: Mails
) -> None:
    asked = Happening("staff_campaign_request", "1", [market.waiting.id], "3071", page="/assignments")
    with network.session() as session:
        announce(session, asked)
    (mail,) = mails("staff_campaign_request")
    assert (mail.address, mail.recipient_id) == ("cleo@northlight.example", None)
    values = values_of(network, mail)
    assert values["affiliate.firstname"] == "Cy"
    assert values["offername"] == "Solar Quotes US"
    assert values["network.loginurl"] == "https://desk.northlight.example.com/assignments"


def test_a_rehearsal_tells_who_would_be_mailed_and_changes_nothing(
    network: Desk, market: Market, mails: Mails, owner: Person
) -> None:
    with network.session() as session:
        offer = session.get_one(Offer, market.solar.id)
        with rehearsal(session) as heard:
            offer.status = "paused"
            announce(session, paused(market))
        told = expected(session, heard, owner.user)[0]
        assert (told.template, told.count) == ("Offer Paused", 2)
        assert told.names == ("Ana", "Bo")
        assert expected(session, heard, market.cleo)[0].names == ()  # no affiliate of hers
        assert offer.status == "active"
    assert mails("offer_paused") == []


def test_what_is_done_silently_mails_nobody(network: Desk, market: Market, mails: Mails) -> None:
    with network.session() as session:
        with silently(session):
            announce(session, paused(market))
        assert announce(session, paused(market, change="later")).queued == 2
    assert len(mails("offer_paused")) == 2


def test_a_value_that_the_event_does_not_have_is_refused(network: Desk, market: Market) -> None:
    with network.session() as session:
        with pytest.raises(Invalid, match="no value “newpayout”"):
            announce(session, paused(market, values={"newpayout": "$1"}))
        with pytest.raises(Invalid, match="is about an offer"):
            announce(session, paused(market, offer=""))
        with pytest.raises(NotFound, match="There is no event"):
            announce(session, Happening("offer_exploded", "1"))


def test_every_template_is_sent_by_an_event_or_a_digest_or_begins_a_message() -> None:
    others = {
        "password_reset",
        "invitation",
        "send_message",
        "offer_announcement",
        "offer_digest",
        "login_link",
    }
    assert set(SYSTEM) - set(EVENTS) <= others
    assert set(EVENTS) <= set(SYSTEM)
    assert set(STARTS) & set(EVENTS) == {"offer_resumed"}


def test_the_page_shows_each_event_with_its_template_and_when_it_was_sent(
    network: Desk, market: Market, owner: Person, colleague: Person, stranger: Person
) -> None:
    switch_off(network, "payout_change")
    with network.session() as session:
        announce(session, paused(market))
    page = words(owner.get("/events"))
    assert "Offer Paused An offer is paused. On" in page
    assert "today" in page
    assert "2 mails, offer 3071" in page
    assert "Off: mails nobody" in words(owner.get("/events?state=off"))
    assert "Offer Paused" not in words(owner.get("/events?q=payout"))
    assert "Nothing matches" in words(owner.get("/events?q=zebra"))
    assert colleague.get("/events").status_code == 403
    assert stranger.get("/events").status_code == 302
