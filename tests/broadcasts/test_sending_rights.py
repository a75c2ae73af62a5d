"""A message in the name of somebody who may not send any more stops, and says why."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.personas import make_user
from webapp.accounts import users
from webapp.accounts.models import User
from webapp.affiliates.models import Affiliate
from webapp.desk import Desk
from webapp.mail.models import Mailing
from webapp.mail.outbox.enqueue import start_mailing

Running = tuple[User, int]
DRAFT = {"subject": "News", "html": "<p>Hi</p>"}


@pytest.fixture
def running(desk: Desk, affiliate: Callable[..., Affiliate]) -> Running:
    """Tom, and the mailing that he started and that runs."""
    tom = make_user(
        desk, "tom@desk.example.com", ["send_to_all", "edit_all"], first_name="Tom", last_name="Okafor"
    )
    make_user(desk, "mara@desk.example.com", ["manage_users"])
    affiliate()
    with desk.session() as session:
        audience = select(Affiliate.id, Affiliate.address)
        started = start_mailing(
            session, content=DRAFT, kind="operational", server_id=None, created_by=tom.id, audience=audience
        )
        return tom, started.id


def state(desk: Desk, mailing_id: int) -> tuple[str, str]:
    with desk.session() as session:
        mailing = session.get_one(Mailing, mailing_id)
        return mailing.state, mailing.reason


def test_closing_an_account_pauses_what_it_sends_and_says_why(desk: Desk, running: Running) -> None:
    tom, mailing_id = running
    with desk.session() as session:
        users.disable(session, None, session.get_one(User, tom.id))
    now, reason = state(desk, mailing_id)
    assert now == "paused"
    assert reason.startswith("Tom Okafor, who started it, may not send mail any more.")


def test_losing_the_right_to_send_pauses_it_too(desk: Desk, running: Running) -> None:
    tom, mailing_id = running
    with desk.session() as session:
        profile = users.Profile(email=tom.email, first_name="Tom", last_name="Okafor", rights=("edit_all",))
        users.change(session, None, session.get_one(User, tom.id), profile)
    assert state(desk, mailing_id)[0] == "paused"


def test_losing_another_right_lets_it_run(desk: Desk, running: Running) -> None:
    tom, mailing_id = running
    profile = users.Profile(email=tom.email, rights=("send_to_all", "edit_all"))
    with desk.session() as session:
        users.change(session, None, session.get_one(User, tom.id), replace(profile, rights=("send_to_all",)))
    assert state(desk, mailing_id)[0] == "running"
