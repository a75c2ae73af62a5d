"""Many at once, on both databases: what counts is counted, and what works once works once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tests.personas import make_user
from webapp.accounts import links, throttle, users
from webapp.accounts.models import User
from webapp.config import Config
from webapp.desk import Desk
from webapp.errors import DomainError
from webapp.wiring import open_desk


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    environ = {"OFFERPOST_HOME": str(tmp_path / "instance")}
    if request.param == "postgres":
        environ["OFFERPOST_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    desk = open_desk(Config.from_environment(environ))
    yield desk
    desk.close()


def at_once(work: Callable[[int], bool], times: int = 8) -> int:
    """How many of the calls, all begun together, were successful."""
    with ThreadPoolExecutor(times) as pool:
        return sum(pool.map(work, range(times)))


def test_tries_at_the_same_time_all_count(desk: Desk) -> None:
    def attempt(_: int) -> bool:
        with desk.session() as session:
            return throttle.take(session, throttle.account("mara"), throttle.address("192.0.2.1")) is None

    assert at_once(attempt, 12) == 5


def test_a_link_is_used_by_one(desk: Desk) -> None:
    user = make_user(desk, "tom@desk.example.com")
    with desk.session() as session:
        token = links.make(session, links.RESET, user)

    def use(_: int) -> bool:
        with suppress(DomainError), desk.session() as session:
            links.use(session, links.find(session, token, links.RESET))
            return True
        return False

    assert at_once(use) == 1


def test_two_can_not_take_the_last_right_from_each_other(desk: Desk) -> None:
    both = [make_user(desk, f"{name}@desk.example.com", ["manage_users"]) for name in ("mara", "ines")]

    def take(number: int) -> bool:
        with suppress(DomainError), desk.session() as session:
            users.disable(session, None, users.get(session, both[number].id))
            return True
        return False

    assert at_once(take, 2) == 1
    with desk.session() as session:
        assert len(users.holders(session)) == 1


def test_one_administrator_comes_of_one_link(desk: Desk) -> None:
    with desk.session() as session:
        token = links.setup_link(session)
    assert token

    def create(number: int) -> bool:
        with suppress(DomainError), desk.session() as session:
            link = links.find(session, token, links.SETUP)
            profile = users.Profile(f"user{number}@desk.example.com", rights=("manage_users",))
            users.first_administrator(session, link, profile, "!")
            return True
        return False

    assert at_once(create) == 1
    with desk.session() as session:
        assert session.query(User).count() == 1
