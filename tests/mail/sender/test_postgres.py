"""Several senders on PostgreSQL share one outbox: one delivery each, and the death of one costs nothing."""

from collections.abc import Iterator

import pytest

from tests.databases import on_postgres
from tests.mail.conftest import mail_to
from tests.mail.sender.conftest import StartWorker
from tests.mail.sender.running import assert_truthful, until, until_over, use_smtp
from transports.testing.smtp_server import SmtpServer
from webapp.desk import Desk

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(120)]


@pytest.fixture
def environ(environ: dict[str, str], postgres_url: str) -> dict[str, str]:
    return environ | {"OFFERPOST_DATABASE_URL": postgres_url}


@pytest.fixture
def desk(environ: dict[str, str]) -> Iterator[Desk]:
    desk = on_postgres(environ)
    yield desk
    desk.close()


def test_two_senders_share_the_work_and_one_may_die(
    desk: Desk, smtp: SmtpServer, worker: StartWorker
) -> None:
    with desk.session() as session:
        use_smtp(session, smtp)
        mailing = mail_to(session, [f"p{number}@x.example" for number in range(1_000)], server_id=None)
    first, second = worker(), worker()
    until(lambda: first.children() and second.children() and len(smtp.inbox) > 200)
    first.kill_a_child()
    first.kill()
    over = until_over(desk, mailing)
    assert over.counts["unknown"] <= 8
    assert over.counts["sent"] + over.counts["unknown"] == 1_000
    assert_truthful(desk, mailing, smtp)
    assert second.stop() == 0
