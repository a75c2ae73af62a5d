"""A walk through an instance with life in it: every link that is drawn for somebody opens for him, and keeps the rules."""

from collections import Counter
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from click.testing import CliRunner
from flask import Flask
from lxml import html

from tests.browser import Person
from tests.personas import make_user
from webapp.accounts.rights import PRESETS
from webapp.app import create_app
from webapp.cli import main
from webapp.config import Config
from webapp.desk import Desk
from webapp.wiring import open_desk

OF_EACH_KIND = 3  # a list of a thousand affiliates is a thousand times the same page
STARTS = (
    "/",
    "/affiliates",
    "/messages",
    "/account/profile",
    "/suppressions",
    "/account/users",
    "/account/email-settings",
    "/templates",
)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = {"OFFERPOST_HOME": str(tmp_path_factory.mktemp("walk") / "instance")}
    if request.param == "postgres":
        home["OFFERPOST_DATABASE_URL"] = request.getfixturevalue("postgres_server")
    done = CliRunner().invoke(main, ["demo"], env=home)
    assert done.exit_code == 0, done.output
    desk = open_desk(Config.from_environment(home))
    yield desk
    desk.close()


@pytest.fixture(scope="module")
def app(desk: Desk) -> Flask:
    app = create_app(desk)
    app.testing = True
    return app


def links_of(page: str, here: str) -> list[str]:
    """Addresses on this desk, in the order of the page, without fragments."""
    found = [urlsplit(urljoin(here, str(each))) for each in html.fromstring(page).xpath("//a/@href")]
    return [
        each._replace(fragment="").geturl() for each in found if not each.netloc and each.path.startswith("/")
    ]


def walk(app: Flask, person: Person) -> Iterator[tuple[str, str, int]]:
    """(page, link on it, status) of every link once, and of each kind of page only some."""
    adapter = app.url_map.bind("localhost")
    kinds: Counter[str] = Counter()
    waiting = [("the menu", start) for start in STARTS if person.get(start).status_code == 200]
    seen = set()
    while waiting:
        page, link = waiting.pop(0)
        endpoint = adapter.match(urlsplit(link).path)[0] if adapter.test(urlsplit(link).path) else link
        if link in seen or kinds[endpoint] >= OF_EACH_KIND:
            continue
        seen.add(link)
        kinds[endpoint] += 1
        answer = person.get(link)
        yield page, link, answer.status_code
        if (
            answer.status_code == 200
            and answer.mimetype == "text/html"
            and "sandbox" not in str(answer.headers)
        ):
            waiting += [(link, each) for each in links_of(answer.text, link)]


@pytest.mark.parametrize("preset", PRESETS)
def test_no_link_leads_nowhere_or_to_a_closed_door(app: Flask, desk: Desk, preset: str) -> None:
    user = make_user(desk, f"walker.{preset}@desk.example.com", PRESETS[preset].rights, preset=preset)
    visited = list(walk(app, Person(app, user)))
    assert len(visited) >= 3
    assert [f"{page} → {link}: {status}" for page, link, status in visited if status not in (200, 302)] == []
