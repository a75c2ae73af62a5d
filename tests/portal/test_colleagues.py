"""What colleagues see and do about an affiliate's page."""

import pytest
from sqlalchemy import select

from tests.browser import Person, words
from tests.personas import MakePerson
from tests.portal.conftest import World
from webapp.accounts.models import AuditEntry
from webapp.mail.models import OutboxMail, Suppression
from webapp.settings import store


def as_ana(world: World, more: str = "") -> str:
    return f"/affiliates/{world.ana.id}/as-affiliate{more}"


def test_the_owner_sends_a_login_link(world: World, owner: Person) -> None:
    assert "Send login link" in words(owner.get(f"/affiliates/{world.ana.id}"))
    page = owner.post(f"/affiliates/{world.ana.id}/login-link", follow=True)
    assert "on its way to ana@Example.com" in words(page)
    with world.desk.reading() as session:
        mail = session.scalars(select(OutboxMail).where(OutboxMail.recipient_id == world.ana.id)).one()
        assert (mail.kind, mail.state) == ("operational", "queued")


def test_who_is_not_to_be_mailed_gets_none_and_the_owner_is_told(world: World, owner: Person) -> None:
    with world.desk.session() as session:
        session.add(Suppression(address="ana@example.com", scope="all", reason="bounced"))
    page = owner.post(f"/affiliates/{world.ana.id}/login-link", follow=True)
    assert "Nothing was sent" in words(page)


def test_looking_as_the_affiliate_is_written_down_and_shows_no_button(world: World, owner: Person) -> None:
    page = owner.post(as_ana(world), follow=True)
    assert "You see what ana sees" in words(page)
    page = owner.get(as_ana(world, f"/offers/{world.solar.id}"))
    assert "$30.50" in words(page)
    travel = owner.get(as_ana(world, f"/offers/{world.travel.id}"))
    for each in (page, travel):
        assert "<form" not in each.text
    with world.desk.reading() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry is not None
        assert entry.action == "affiliate’s page looked at"


def test_nobody_looks_without_the_button_that_is_written_down(world: World, owner: Person) -> None:
    assert owner.get(as_ana(world)).status_code == 404
    owner.post(as_ana(world))
    assert owner.get(f"/affiliates/{world.bo.id}/as-affiliate").status_code == 404


@pytest.mark.parametrize("path", ["", "/others"])
def test_a_manager_looks_at_his_own_affiliates_only(world: World, person: MakePerson, path: str) -> None:
    manager = person("view_affiliate_details", "edit_assigned")
    assert manager.post(as_ana(world)).status_code == 404
    assert manager.get(as_ana(world, path)).status_code == 404
    assert manager.post(f"/affiliates/{world.ana.id}/login-link").status_code == 404


def test_the_page_gets_its_name_and_words_from_a_form(world: World, owner: Person, ana: Person) -> None:
    owner.post(
        "/account/affiliates-page",
        {"portal": "on", "portal_name": "Northlight Partners", "portal_welcome": "Hello\nthere"},
    )
    page = ana.get("/my")
    assert "Northlight Partners" in words(page)
    assert "Hello there" in words(page)
    owner.post("/account/affiliates-page", {"portal": "off"})
    with world.desk.reading() as session:
        assert not store.identity(session).portal_open
