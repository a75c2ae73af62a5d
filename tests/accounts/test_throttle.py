"""Guessing gets slower and slower, and nobody is locked out for good."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.browser import Person, words
from tests.personas import PASSWORD, make_user
from webapp.accounts import passwords, throttle
from webapp.accounts.models import SignInThrottle
from webapp.db import utcnow
from webapp.desk import Desk

MARA = throttle.account("mara@desk.example.com")


def tries(
    desk: Desk, count: int, *subjects: throttle.Subject, after: timedelta = timedelta()
) -> timedelta | None:
    wait = None
    for _ in range(count):
        with desk.session() as session:
            wait = throttle.take(session, *(subjects or (MARA,)), now=utcnow() + after)
    return wait


def test_the_first_tries_are_free(desk: Desk) -> None:
    assert tries(desk, 5) is None
    assert tries(desk, 1) is not None


def test_the_wait_doubles_and_stops_at_fifteen_minutes(desk: Desk) -> None:
    waits, now = [], utcnow()
    with desk.session() as session:
        for _ in range(14):
            while wait := throttle.take(session, MARA, now=now):
                waits.append(wait.total_seconds())
                now += wait
    assert waits[:5] == [30, 60, 120, 240, 480]
    assert set(waits[5:]) == {900}


def test_a_refused_try_does_not_lengthen_the_wait(desk: Desk) -> None:
    tries(desk, 5)
    first = tries(desk, 1)
    assert tries(desk, 50) <= first


def test_a_day_of_quiet_forgets_everything(desk: Desk) -> None:
    tries(desk, 30)
    assert tries(desk, 5, after=timedelta(hours=25)) is None


def test_a_success_forgets_the_account_but_not_what_else_the_address_did(desk: Desk) -> None:
    here = throttle.address("192.0.2.1")
    tries(desk, 3, MARA, here)
    with desk.session() as session:
        throttle.take(session, MARA, here)
        throttle.forgive(session, MARA, here)
        kept = {row.key: row.failures for row in session.scalars(select(SignInThrottle))}
    assert kept == {here.key: 3}


def test_an_address_that_tries_many_accounts_waits_too(desk: Desk) -> None:
    here = throttle.address("192.0.2.1")
    for number in range(30):
        wait = tries(desk, 1, throttle.account(f"user{number}@desk.example.com"), here)
    assert wait is not None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("", "nonsense", True),
    ],
)
def test_an_ipv6_customer_counts_as_one(one: str, other: str, same: bool) -> None:
    assert (throttle.address(one) == throttle.address(other)) is same


def test_no_typed_name_is_kept(desk: Desk) -> None:
    tries(desk, 1)
    with desk.session() as session:
        assert "mara" not in session.scalars(select(SignInThrottle)).one().key


@pytest.mark.parametrize("email", ["mara@desk.example.com", "nobody@desk.example.com"])
def test_the_page_says_when_to_try_again_known_or_not(
    stranger: Person, desk: Desk, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user(desk, "mara@desk.example.com", password=PASSWORD)
    checked = []
    monkeypatch.setattr(passwords, "matches", lambda *_: checked.append(1))
    for _ in range(5):
        stranger.post("/sign-in", {"email": email, "password": "wrong"})
    page = stranger.post("/sign-in", {"email": email, "password": PASSWORD})
    assert re.search(r"Too many tries\. Try again in [123]?\d seconds\.", words(page))
    assert len(checked) == 5


def test_a_thousand_tries_check_few_passwords(
    stranger: Person, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = []
    monkeypatch.setattr(passwords, "matches", lambda *_: checked.append(1))
    for number in range(1000):
        with desk.session() as session:
            throttle.take(
                session, MARA, throttle.address("192.0.2.1"), now=utcnow() + timedelta(seconds=number)
            )
    with desk.session() as session:
        assert max(row.failures for row in session.scalars(select(SignInThrottle))) < 12


def test_waiting_is_said_in_words() -> None:
    assert throttle.sentence(timedelta(seconds=1)) == "Too many tries. Try again in 1 second."
    assert throttle.sentence(timedelta(seconds=61)) == "Too many tries. Try again in 2 minutes."
