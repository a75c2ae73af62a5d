"""What an affiliate sees and does on his own pages, and what he never gets to see."""

import pytest
from flask import Flask

from tests.browser import Person, words
from tests.house.access_table import ACCESS, AFFILIATE, PUBLIC
from tests.house.test_routes import address, rules
from tests.personas import make_user
from tests.portal.conftest import World
from webapp.mail.models import OutboxMail
from webapp.offers.models import Assignment


def state_of(world: World, affiliate_id: int, offer_id: int) -> str | None:
    with world.desk.reading() as session:
        found = session.get(Assignment, (offer_id, affiliate_id))
        return found.state if found else None


def test_an_offer_has_the_own_payout_link_and_creatives(world: World, ana: Person) -> None:
    page = ana.get(f"/my/offers/{world.solar.id}")
    assert "$30.50" in words(page)
    assert "https://go.northlight.example/?c=3071&a=1" in words(page)
    assert '<a href="https://go.northlight.example/?c=3071&a=1">' in words(page)  # the code to copy


def test_somebody_else_sees_neither_link_nor_creatives_nor_payout(world: World, bo: Person) -> None:
    page = bo.get(f"/my/offers/{world.solar.id}")
    assert page.status_code == 200
    assert "$24.00" in words(page)
    for secret in ("30.50", "go.northlight.example", "Wide"):
        assert secret not in page.text
    assert bo.get(f"/my/offers/{world.solar.id}/creatives/{world.creative.id}").status_code == 404


def test_the_list_has_only_ones_own(world: World, ana: Person, bo: Person) -> None:
    assert "Running" in words(ana.get("/my?state=approved"))
    assert "Solar Quotes" not in words(bo.get("/my?state=approved"))
    assert "Solar Quotes" in words(bo.get("/my?state=requested"))
    assert "No offer here" in words(ana.get("/my?q=nothing"))


def test_a_draft_or_a_blocked_offer_is_not_there(world: World, ana: Person, bo: Person) -> None:
    assert ana.get(f"/my/offers/{world.secret.id}").status_code == 404
    assert "Secret" not in words(ana.get("/my/others"))
    with world.desk.session() as session:
        session.get_one(Assignment, (world.solar.id, world.bo.id)).state = "blocked"
    assert bo.get(f"/my/offers/{world.solar.id}").status_code == 404
    assert bo.post(f"/my/offers/{world.solar.id}/request").status_code == 404
    assert "Solar" not in words(bo.get("/my/others"))


def test_asking_for_an_offer_once_or_twice_is_one_request(world: World, ana: Person) -> None:
    assert "Travel Deals" in words(ana.get("/my/others?q=travel"))
    make_user(world.desk, "cleo@desk.example.com", {"edit_all_offers"})
    for _ in range(2):
        page = ana.post(f"/my/offers/{world.travel.id}/request", follow=True)
        assert "Your request is with us" in words(page)
    with world.desk.reading() as session:
        assert session.query(OutboxMail).filter_by(address="cleo@desk.example.com").count() == 1
    assert state_of(world, world.ana.id, world.travel.id) == "requested"
    assert "Travel Deals" not in words(ana.get("/my/others"))


def test_asking_again_does_not_undo_what_was_decided(world: World, ana: Person, bo: Person) -> None:
    with world.desk.session() as session:
        session.get_one(Assignment, (world.solar.id, world.bo.id)).state = "denied"
    assert "decided before" in words(bo.post(f"/my/offers/{world.solar.id}/request", follow=True))
    assert state_of(world, world.bo.id, world.solar.id) == "denied"
    ana.post(f"/my/offers/{world.solar.id}/request")
    assert state_of(world, world.ana.id, world.solar.id) == "approved"


def test_what_the_team_wrote_is_shown_without_anything_that_acts(world: World, ana: Person) -> None:
    page = ana.get(f"/my/offers/{world.solar.id}")
    assert "<p>Home <b>owners</b>.</p>" in page.text
    assert "p.png" not in page.text
    preview = ana.get(f"/my/offers/{world.solar.id}/creatives/{world.creative.id}")
    assert preview.headers["Content-Security-Policy"].startswith("sandbox;")
    assert "<script" not in preview.text


def test_an_affiliate_reaches_no_page_of_the_desk(world: World, app: Flask, ana: Person) -> None:
    for rule in rules(app, "GET", "POST"):
        needed = ACCESS[rule.endpoint]
        if needed in (PUBLIC, AFFILIATE):
            continue
        ask = ana.get if "GET" in (rule.methods or ()) else ana.post
        answer = ask(address(app, rule))
        if rule.rule.startswith("/api/"):
            assert answer.status_code == 401, rule.rule  # programs are told, not led to a form
            continue
        assert answer.status_code == 302, rule.rule
        assert answer.location.startswith("/sign-in"), rule.rule


def test_a_colleague_reaches_no_page_of_an_affiliate(world: World, app: Flask, owner: Person) -> None:
    for rule in rules(app, "GET", "POST"):
        if ACCESS[rule.endpoint] == AFFILIATE:
            ask = owner.get if "GET" in (rule.methods or ()) else owner.post
            assert ask(address(app, rule)).location.startswith("/my/sign-in"), rule.rule


def test_a_browser_may_hold_both_sessions_and_each_stays_what_it_is(world: World, owner: Person) -> None:
    owner.post(world.link(world.ana))
    assert owner.get("/my").status_code == 200
    assert owner.get("/affiliates").status_code == 200
    owner.post("/my/sign-out")
    assert owner.get("/my").status_code == 302
    assert owner.get("/affiliates").status_code == 200


@pytest.mark.parametrize("path", ["/my/others", "/my/offers/{}", "/my"])
def test_every_page_of_an_affiliate_keeps_the_rules_of_the_house(
    world: World, ana: Person, path: str
) -> None:
    assert ana.get(path.format(world.solar.id)).status_code == 200  # the checks are Person's
