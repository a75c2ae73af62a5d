"""A mail that somebody got, and the link in it."""

import pytest
from sqlalchemy import literal, select

from webapp.desk import Desk
from webapp.mail.models import OutboxMail
from webapp.mail.outbox.enqueue import enqueue_one
from webapp.mail.unsubscribe import make_token

ADDRESS = "dana@brightpath.example.com"


@pytest.fixture
def mail(desk: Desk) -> OutboxMail:
    with desk.session() as session:
        assert session.scalar(select(literal(1))) == 1
        return enqueue_one(session, desk.vault, key="test:1", content={"subject": "x"}, address=ADDRESS)


@pytest.fixture
def link(desk: Desk, mail: OutboxMail) -> str:
    return f"/u/{make_token(desk.vault, mail.id)}"
