"""An SMTP server that misbehaves on command, an instance that may reach it, and workers that are gone in the end."""

from collections.abc import Callable, Iterator

import pytest

from tests.mail.conftest import mail_to
from tests.mail.sender.running import Worker, use_smtp
from transports.testing.smtp_server import SmtpServer
from webapp.desk import Desk
from webapp.mail.models import Mailing

StartWorker = Callable[..., Worker]


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


@pytest.fixture
def environ(environ: dict[str, str], smtp: SmtpServer) -> dict[str, str]:
    return environ | {"OFFERPOST_ALLOW_HOSTS": f"127.0.0.1:{smtp.port}"}


@pytest.fixture
def worker(desk: Desk, environ: dict[str, str]) -> Iterator[StartWorker]:
    started: list[Worker] = []

    def start(*options: str) -> Worker:
        started.append(Worker(environ, *options))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.kill()


@pytest.fixture
def mailing_to(desk: Desk, smtp: SmtpServer) -> Callable[..., Mailing]:
    """Start a mailing to so many people through the SMTP server."""

    def start(people: int | list[str], server: dict[str, object] | None = None, **options: object) -> Mailing:
        addresses = (
            people if isinstance(people, list) else [f"p{number}@x.example" for number in range(people)]
        )
        with desk.session() as session:
            use_smtp(session, smtp, **(server or {}))
            return mail_to(session, addresses, **{"server_id": None, **options})

    return start
