"""Signing in by a link from a mail."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from tests.browser import Person, words
from tests.portal.conftest import World
from webapp.accounts.throttle import FORGOTTEN_AFTER
from webapp.affiliates import erasing, service
from webapp.affiliates.models import Affiliate
from webapp.api.resources import AFFILIATES
from webapp.api.taking import take
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail import links
from webapp.mail.models import OutboxMail
from webapp.portal import entering, routes, sessions
from webapp.portal.models import PortalSession, UsedLink
from webapp.settings import store

SCANNERS = ("Mozilla/5.0", "BarracudaCentral", "Microsoft Office Existence Discovery", "curl/8")


def mails_of(desk: Desk, affiliate: Affiliate, like: str = "login:%") -> int:
    with desk.reading() as session:
        his = select(func.count()).where(OutboxMail.recipient_id == affiliate.id, OutboxMail.key.like(like))
        return session.scalar(his) or 0


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "ANSWER_SECONDS", 0.0)


def test_looking_at_a_link_spends_nothing(world: World, stranger: Person) -> None:
    link = world.link(world.ana)
    for agent in SCANNERS:
        for method in ("GET", "HEAD", "OPTIONS"):
            answer = stranger.client.open(link, method=method, headers={"User-Agent": agent})
            assert answer.status_code == 200
    with world.desk.reading() as session:
        assert not session.scalars(select(UsedLink)).all()
        assert not session.scalars(select(PortalSession)).all()


def test_the_button_signs_in(world: World, stranger: Person) -> None:
    page = stranger.get(world.link(world.ana))
    assert "Open my page" in words(page)
    page = stranger.post(world.link(world.ana), follow=True)
    assert "My offers" in words(page)
    assert "Solar Quotes" in words(page)


def test_a_link_works_once_and_then_offers_a_new_one(app: Flask, world: World, stranger: Person) -> None:
    link = world.link(world.ana)
    stranger.post(link)
    assert stranger.get(link).location == "/my"  # still signed in by it
    other = Person(app)
    page = other.post(link)
    assert page.status_code == 410
    assert "This link was used" in words(page)
    assert other.get("/my").status_code == 302
    assert "Look into your mailbox" in words(other.post(f"{link}/again"))
    assert mails_of(world.desk, world.ana) == 1


def test_of_two_who_press_at_the_same_time_one_is_let_in(world: World) -> None:
    token = world.link(world.ana).rpartition("/")[2]
    with world.desk.session() as session:
        both = [entering.look(session, world.desk, "a", token) for _ in range(2)]
        assert [entering.use(session, each) for each in both] == [True, False]


def test_a_link_is_over_a_day_after_its_mail_has_left(world: World, stranger: Person) -> None:
    link = world.link(world.ana)
    for age, status in ((timedelta(hours=23), 200), (timedelta(hours=25), 410)):
        with world.desk.session() as session:
            session.execute(update(OutboxMail).values(state="sent", changed_at=utcnow() - age))
        assert stranger.get(link).status_code == status
    assert "works for 24 hours" in words(stranger.get(link))


def test_no_bit_of_the_signature_may_change_and_no_purpose_stands_for_another(
    world: World, stranger: Person
) -> None:
    link = world.link(world.ana)
    for place in range(len("/l/a/"), len(link)):
        other = "A" if link[place] != "A" else "B"
        assert stranger.post(link[:place] + other + link[place + 1 :]).status_code == 404
    assert stranger.post(link.replace("/l/a/", "/l/c/")).status_code == 404
    assert stranger.post(link.replace("/l/a/", "/u/")).status_code == 404


def test_the_link_to_the_creatives_leads_there(world: World, stranger: Person) -> None:
    link = world.link(world.ana, links.CREATIVES, cid="3071")
    page = stranger.post(link, follow=True)
    assert page.request.path == f"/my/offers/{world.solar.id}"


def test_the_link_without_signing_in_leads_there_after_it(world: World, stranger: Person) -> None:
    answer = stranger.get("/creatives/3071", follow=True)
    assert answer.request.path == "/my/sign-in"
    page = stranger.post(world.link(world.ana), follow=True)
    assert page.request.path == f"/my/offers/{world.solar.id}"


@pytest.mark.parametrize("status", ["paused", "closed", "pending"])
def test_who_is_blocked_is_out_at_once(app: Flask, world: World, ana: Person, status: str) -> None:
    link = world.link(world.ana, key="before")
    with world.desk.session() as session:
        session.get_one(Affiliate, world.ana.id).status = status
    assert ana.get("/my").location.startswith("/my/sign-in")
    assert Person(app).post(link).status_code == 410
    assert "Look into your mailbox" in words(Person(app).post(f"{link}/again"))
    assert mails_of(world.desk, world.ana) == 0


def test_who_is_erased_is_out_at_once(app: Flask, world: World, ana: Person) -> None:
    link = world.link(world.ana, key="before")
    with world.desk.session() as session:
        erasing.erase(session, "test", session.get_one(Affiliate, world.ana.id))
    assert ana.get("/my").status_code == 302
    assert Person(app).post(link).status_code == 410
    with world.desk.reading() as session:
        assert not session.scalars(select(PortalSession)).all()


def test_a_link_in_a_mail_to_a_former_address_opens_nothing(world: World, stranger: Person) -> None:
    link = world.link(world.ana)
    with world.desk.session() as session:
        session.execute(
            update(Affiliate).where(Affiliate.id == world.ana.id).values(address="new@example.com")
        )
    assert stranger.post(link).status_code == 410


def test_signing_out_ends_also_a_copied_cookie(app: Flask, ana: Person) -> None:
    cookie = ana.client.get_cookie(sessions.COOKIE)
    assert cookie is not None
    assert cookie.http_only
    thief = Person(app)
    thief.client.set_cookie(sessions.COOKIE, cookie.value)
    assert thief.get("/my").status_code == 200
    ana.post("/my/sign-out")
    assert thief.get("/my").status_code == 302


@pytest.mark.parametrize("column", ["began_at", "seen_at"])
def test_a_session_ends_by_age_and_by_idleness(world: World, ana: Person, column: str) -> None:
    over = sessions.LONGEST if column == "began_at" else sessions.IDLE
    with world.desk.session() as session:
        session.execute(update(PortalSession).values({column: utcnow() - over - timedelta(minutes=1)}))
    assert ana.get("/my").status_code == 302


def test_asking_says_the_same_whether_there_is_somebody_or_not(world: World, app: Flask) -> None:
    answers = {
        words(Person(app).post("/my/sign-in", {"email": address}))
        for address in ("ANA@example.com", "nobody@example.com", "no address")
    }
    assert len(answers) == 1
    assert mails_of(world.desk, world.ana) == 1


def test_nobody_fills_a_mailbox_by_asking(world: World, app: Flask) -> None:
    for _ in range(8):
        Person(app).post("/my/sign-in", {"email": "ana@example.com"})
    assert mails_of(world.desk, world.ana) < 8
    for _ in range(30):
        page = Person(app).post("/my/sign-in", {"email": "x@example.com"})
    assert "Too many tries" in words(page)
    assert timedelta(hours=24) <= FORGOTTEN_AFTER


def test_a_closed_page_says_so_at_every_door(world: World, ana: Person, stranger: Person) -> None:
    link = world.link(world.ana)
    with world.desk.session() as session:
        store.put(session, {"portal": "off"})
    for path in ("/my", "/my/sign-in", link, f"/my/offers/{world.solar.id}"):
        for person in (ana, stranger):
            page = person.get(path)
            assert page.status_code == 404
            assert "closed at present" in words(page)


@pytest.mark.parametrize("way", ["form", "file"])
@pytest.mark.parametrize(
    ("field", "away", "back"), [("status", "paused", "active"), ("email", "new@x.example", "ana@Example.com")]
)
def test_a_session_that_a_change_ended_does_not_come_back(
    world: World, ana: Person, owner: Person, way: str, field: str, away: str, back: str
) -> None:
    def change(value: str) -> None:
        values = {"affiliate_id": "1", "email": "ana@example.com", field: value}
        if way == "form":
            with world.desk.session() as session:
                service.edit(session, owner.user, session.get_one(Affiliate, world.ana.id), values)
        else:
            with world.desk.session() as session:
                take(session, AFFILIATES.kind, AFFILIATES.importer(owner.user), AFFILIATES.fields, [values])

    assert ana.get("/my").status_code == 200
    change(away)
    change(back)
    assert ana.get("/my").location.startswith("/my/sign-in")


def test_another_change_signs_nobody_out(world: World, ana: Person, owner: Person) -> None:
    with world.desk.session() as session:
        service.edit(session, owner.user, session.get_one(Affiliate, world.ana.id), {"company": "Ana Ltd"})
    assert ana.get("/my").status_code == 200
