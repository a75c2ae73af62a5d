"""Files of an instance that only its owner reads, also in a folder that was made for everybody."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.journeys.instance import Instance
from webapp.config import Config
from webapp.wiring import open_desk


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    before = os.umask(0o022)
    home = tmp_path / "instance"
    home.mkdir(mode=0o755)
    yield home
    os.umask(before)


def readable_by_others(home: Path) -> list[str]:
    """What somebody else on the machine can reach: folders that are closed hide what is in them."""
    found = []
    for path in home.iterdir():
        if path.stat().st_mode & 0o077:
            found.append(path.name)
    return sorted(found)


def test_everything_of_a_fresh_instance_is_its_owners(home: Path) -> None:
    desk = open_desk(Config.from_environment({"OFFERPOST_HOME": str(home)}))
    with desk.session():
        pass
    desk.close()
    assert readable_by_others(home) == []


def test_the_configuration_prints_no_password(tmp_path: Path) -> None:
    environ = {
        "OFFERPOST_HOME": str(tmp_path),
        "OFFERPOST_RELAY_URL": "smtps://me:canary-one@relay.example.com",
        "OFFERPOST_DATABASE_URL": "postgresql://me:canary-two@db.example.com/desk",
    }
    assert "canary" not in repr(Config.from_environment(environ))


def test_a_body_of_a_gigabyte_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    instance = Instance(tmp_path / "instance").serve("--no-worker")
    try:
        place = urlsplit(instance.address)
        with socket.create_connection((place.hostname, place.port), timeout=10) as line:
            line.sendall(b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 1073741824\r\n\r\n")
            assert b" 413 " in line.recv(1024).split(b"\r\n")[0]
    finally:
        instance.stop()
