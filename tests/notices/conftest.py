"""A desk that sends through Amazon SES, a mail that SES took an hour ago, and the topic that tells what became of it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.transports.ses.topic import ARN, REGION, FakeSns, running_sns
from transports.events import WebhookRequest
from webapp.config import Config
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail import suppressions
from webapp.mail.events import MailEvent
from webapp.mail.models import Attempt, OutboxMail
from webapp.mail.outbox.enqueue import enqueue_one
from webapp.notices.models import Notice
from webapp.settings.models import MailServer
from webapp.wiring import open_desk

ADDRESS = "dana@brightpath.example.com"
HOOK = "/hooks/ses-of-the-tests"
Tell = Callable[[WebhookRequest], TestResponse]


@pytest.fixture
def sns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSns]:
    with running_sns(tmp_path, monkeypatch) as service:
        yield service


@pytest.fixture
def desk(environ: dict[str, str], sns: FakeSns) -> Iterator[Desk]:
    desk = replace(open_desk(Config.from_environment(environ)), net=sns.net())
    with desk.session() as session:
        values = {"region": REGION, "topic_arn": ARN}
        session.add(
            MailServer(public_id="ses-of-the-tests", name="SES", kind="ses", values=values, is_default=True)
        )
    yield desk
    desk.net.close()
    desk.close()


@pytest.fixture
def tell(app: Flask) -> Tell:
    """Posts what a service posts, as a stranger without a session."""

    def post(told: WebhookRequest) -> TestResponse:
        return app.test_client().post(HOOK, data=told.body, headers=dict(told.headers))

    return post


@pytest.fixture
def mail(desk: Desk) -> OutboxMail:
    """SES took it an hour ago as 0107-1."""
    with desk.session() as session:
        mail = enqueue_one(session, desk.vault, key="test:1", content={"subject": "x"}, address=ADDRESS)
        mail.state, mail.provider_id = "sent", "0107-1"
        at = utcnow() - timedelta(hours=1)
        session.add(Attempt(mail_id=mail.id, lease=1, number=1, status="accepted", at=at))
    return mail


def barred(desk: Desk) -> str | None:
    with desk.reading() as session:
        return suppressions.reason_of(session, ADDRESS, "operational")


def happened(desk: Desk) -> list[tuple[str, str]]:
    with desk.reading() as session:
        return [(one.kind, one.severity) for one in session.scalars(select(MailEvent).order_by(MailEvent.id))]


def notices(desk: Desk) -> list[Notice]:
    with desk.reading() as session:
        return list(session.scalars(select(Notice).order_by(Notice.id)))
