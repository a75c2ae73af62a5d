"""Which news an affiliate gets, chosen on his page, and what colleagues see of it."""

from pathlib import Path

from click.testing import CliRunner
from sqlalchemy import select

from tests.browser import Person, words
from tests.portal.conftest import World
from webapp.affiliates import erasing
from webapp.affiliates.models import Affiliate
from webapp.cli import main
from webapp.mail import links, suppressions
from webapp.mail.consents import Consent
from webapp.settings import store


def test_an_affiliate_chooses_and_the_team_sees_when_and_how(
    world: World, ana: Person, bo: Person, owner: Person
) -> None:
    ana.post("/my/mail", {"topic": ["newsletter"]})
    with world.desk.reading() as session:
        assert suppressions.is_suppressed(session, "ANA@example.com", "announcement", "offers")
        assert not suppressions.is_suppressed(session, "ana@example.com", "announcement", "newsletter")
        assert not suppressions.is_suppressed(session, "bo@example.com", "announcement", "offers")
    page = words(owner.get(f"/affiliates/{world.ana.id}"))
    assert "No to offers signed in, on the own page" in page
    assert "Offers no longer go to it" in page
    assert "No to offers" not in words(owner.get(f"/affiliates/{world.bo.id}"))


def test_what_was_chosen_outlives_every_import(world: World, ana: Person, tmp_path: Path) -> None:
    ana.post("/my/mail", {"topic": ["newsletter"]})
    file, environ = tmp_path / "again.csv", {"OFFERPOST_HOME": str(world.desk.config.home)}
    file.write_text("affiliate_id,email,first_name\n1,Ana@Example.com,Anna\n", encoding="utf-8")
    assert CliRunner().invoke(main, ["affiliates", "import", str(file)], env=environ).exit_code == 0
    file.write_text("address,scope,reason\nana@example.com,newsletter,blocked\n", encoding="utf-8")
    assert CliRunner().invoke(main, ["suppression", "import", str(file)], env=environ).exit_code == 0
    with world.desk.reading() as session:
        for topic in ("offers", "newsletter"):
            assert suppressions.is_suppressed(session, "ana@example.com", "announcement", topic)
        assert session.get_one(Affiliate, world.ana.id).first_name == "Anna"


def test_what_was_chosen_goes_with_the_person_and_the_no_stays(world: World, ana: Person) -> None:
    ana.post("/my/mail", {"leave": "1"})
    with world.desk.session() as session:
        erasing.erase(session, "test", session.get_one(Affiliate, world.ana.id))
    with world.desk.reading() as session:
        assert not session.scalars(select(Consent)).all()
        assert suppressions.is_suppressed(session, "ana@example.com", "announcement")


def test_the_choice_is_there_while_the_affiliates_page_is_closed(world: World, stranger: Person) -> None:
    link = world.link(world.ana, links.PREFERENCES)
    with world.desk.session() as session:
        store.put(session, {"portal": "off"})
    assert "News you get" in words(stranger.get(link))
