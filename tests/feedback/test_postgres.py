"""The same on PostgreSQL: what comes back is stored once, read, and acted on."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests.feedback.conftest import mail
from tests.feedback.test_intake import barred, bounce, happened, tried
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.feedback import jobs
from webapp.feedback.intake import store, take_in
from webapp.feedback.models import ReturnedMail
from webapp.mail.models import OutboxMail

__all__ = ["mail", "tried"]
pytestmark = pytest.mark.postgres


@pytest.fixture
def environ(environ: dict[str, str], postgres_url: str) -> dict[str, str]:
    return environ | {"OFFERPOST_DATABASE_URL": postgres_url}


def test_a_bounce_counts_once_and_one_that_was_left_lying_is_found(desk: Desk, tried: OutboxMail) -> None:
    raw = bounce(desk, tried)
    with desk.session() as session:
        store(session, raw, "imap")
        session.execute(update(ReturnedMail).values(received_at=utcnow() - timedelta(minutes=3)))
    jobs.read_what_is_left(desk)
    take_in(desk, raw, "pipe")
    assert (barred(desk), happened(desk)) == ("bounced", [("bounced", "hard", True)])
    with desk.reading() as session:
        assert session.scalar(select(func.count()).select_from(ReturnedMail)) == 1
