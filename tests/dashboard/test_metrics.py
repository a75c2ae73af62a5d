"""What Prometheus is told: behind a token, numbers only."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, update

from tests.mail.conftest import mail_to
from webapp.app import create_app
from webapp.config import Config
from webapp.dashboard.metrics import exposition
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.errors import Invalid
from webapp.mail import heartbeat
from webapp.mail.models import Mailing, SenderProcess
from webapp.settings.models import MailServer

TOKEN = "sixteen-characters-at-least"
LINE = re.compile(r'# (HELP|TYPE) offerpost_\w+ .+|offerpost_\w+(\{(\w+="[\w-]+",?)+\})? \d+(\.\d+)?')


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {"OFFERPOST_METRICS_TOKEN": TOKEN}


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """Three mails wait for an hour, a sender lives, a server with a telling name is paused."""
    with desk.session() as session:
        mail_to(session, [f"person{n}@x.example" for n in range(3)], server_id=None)
        session.execute(update(Mailing).values(created_at=utcnow() - timedelta(hours=1)))
        heartbeat.begin(session, "host", "boot")
        session.add(
            MailServer(public_id="s", name="mara@northlight.example", kind="smtp", paused_at=utcnow())
        )
    return desk


def read(desk: Desk) -> str:
    with desk.reading() as session:
        return exposition(session)


def test_without_a_token_there_is_no_such_page(tmp_path: object, app: Flask, desk: Desk) -> None:
    object.__setattr__(desk.config, "metrics_token", "")
    assert create_app(desk).test_client().get("/metrics").status_code == 404


@pytest.mark.parametrize("header", ["", "Bearer wrong", TOKEN, f"Bearer {TOKEN}x", "Bearer é"])
def test_a_wrong_token_is_told_which_one_to_send(app: Flask, header: str) -> None:
    answer = app.test_client().get("/metrics", headers={"Authorization": header})
    assert answer.status_code == 401
    assert "OFFERPOST_METRICS_TOKEN" in answer.text
    assert TOKEN not in answer.text


def test_every_line_is_in_the_text_format_of_prometheus(app: Flask, busy: Desk) -> None:
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert [line for line in answer.text.splitlines() if not LINE.fullmatch(line)] == []


def test_queue_age_senders_and_pauses_are_told_and_no_address(busy: Desk) -> None:
    said = read(busy)
    assert 'offerpost_mails{state="queued",part="message"} 3.0' in said
    assert re.search(r"^offerpost_oldest_waiting_seconds 36\d\d", said, re.MULTILINE)
    assert "offerpost_senders 1.0" in said
    assert 'kind="smtp"} 1.0' in said
    assert "@" not in said


def test_a_silent_sender_grows_old(busy: Desk) -> None:
    with busy.session() as session:
        session.execute(update(SenderProcess).values(beat_at=utcnow() - timedelta(minutes=10)))
    said = read(busy)
    assert "offerpost_senders 0.0" in said
    assert re.search(r"^offerpost_sender_heartbeat_age_seconds 60\d", said, re.MULTILINE)


def test_no_mail_is_counted_one_by_one(busy: Desk) -> None:
    asked: list[str] = []
    event.listen(busy.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    read(busy)
    counting = [statement for statement in asked if "count(" in statement]
    assert counting
    assert all("mailing_id IS NULL" in statement for statement in counting)


def test_a_token_that_can_be_guessed_is_refused(environ: dict[str, str]) -> None:
    with pytest.raises(Invalid, match="16 characters"):
        Config.from_environment(environ | {"OFFERPOST_METRICS_TOKEN": "secret"})
