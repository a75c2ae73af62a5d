"""What a sender makes of replies that ask it to slow down: a domain rests, or the server does; a lone grey list is neither."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.mail.conftest import mail_to
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail.models import OutboxMail
from webapp.mail.outbox import rests
from webapp.mail.sender import slowing
from webapp.mail.sender.health import Health
from webapp.mail.sender.results import Result

NOW = utcnow()


def after(desk: Desk, addresses: list[str], code: str, health: Health | None = None) -> dict[str, rests.Rest]:
    """The rests of server 1 after each of these people's mails was put off with this code."""
    health = health or Health()
    with desk.session() as session:
        mail_to(session, addresses)
        for number, _ in enumerate(addresses, 1):
            health.note(Result(number, 1, "deferred", 1, "rcpt", code, "Try later"))
        return slowing.settle(session, {1: health}, 600, NOW).get(1, {})


def test_one_domain_that_finds_us_too_fast_rests_alone(desk: Desk) -> None:
    found = after(desk, ["a@big.example"], "421 4.7.28")
    assert list(found) == ["big.example"]
    assert found["big.example"].until == NOW + timedelta(minutes=10)
    assert found["big.example"].words == "big.example puts us off: 421 4.7.28 Try later"


def test_three_domains_say_that_it_is_about_us(desk: Desk) -> None:
    assert "" in after(desk, [f"a@{name}.example" for name in ("one", "two", "three")], "421 4.7.0")


@pytest.mark.parametrize("code", ["451 4.7.1", "452 4.2.2", "450 4.2.0"])
def test_a_grey_list_or_a_full_mailbox_slows_nobody_down(desk: Desk, code: str) -> None:
    assert after(desk, ["a@big.example", "b@big.example"], code) == {}


def test_several_in_a_minute_do(desk: Desk) -> None:
    assert list(after(desk, [f"p{n}@big.example" for n in range(5)], "451 4.7.1")) == ["big.example"]


def test_a_server_that_could_not_be_reached_is_tried_again_sooner_than_one_that_is_busy(desk: Desk) -> None:
    away, busy = Health(), Health()
    away.slow_down("No route", busy=False)
    busy.slow_down("Too many connections")
    with desk.session() as session:
        found = slowing.settle(session, {1: away, 2: busy}, 600, NOW)
    assert [found[number][""].until - NOW for number in (1, 2)] == [
        timedelta(seconds=30),
        timedelta(minutes=10),
    ]


def test_what_was_written_is_not_written_again(desk: Desk) -> None:
    health = Health()
    health.slow_down("busy")
    with desk.session() as session:
        slowing.settle(session, {1: health}, 600, NOW)
    health.forget()
    assert not health.resting()
    with desk.session() as session:
        rests.end(session, 1)
        assert slowing.settle(session, {1: health}, 600, NOW) == {}


def test_accepted_mails_let_a_domain_recover(desk: Desk) -> None:
    health = Health()
    after(desk, ["a@big.example"], "421 4.7.28", health)
    health.forget()
    health.most = 2
    with desk.session() as session:
        ids = [session.query(OutboxMail.id).scalar()]
        for mail_id in ids * 20:
            health.note(Result(mail_id, 1, "accepted", 1))
        health.accepted_ids = ids
        slowing.settle(session, {1: health}, 600, NOW)
        assert rests.standing(session)[1]["big.example"].proved


def test_what_was_put_off_for_a_domain_is_due_when_it_is_well_again(desk: Desk) -> None:
    health = Health()
    after(desk, ["a@big.example", "b@big.example"], "421 4.7.28", health)
    health.forget()
    with desk.session() as session:
        first, second = session.scalars(select(OutboxMail).order_by(OutboxMail.id))
        second.not_before = NOW + timedelta(minutes=9)
        health.note(Result(first.id, 1, "accepted", 1))
        slowing.settle(session, {1: health}, 600, NOW)
        assert rests.standing(session) == {}
        session.refresh(second)
        assert second.not_before == NOW
