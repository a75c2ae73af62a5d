"""A code from an app beside the password: set up, asked for, taken once, required, lost and reset."""

import re
import time
from collections.abc import Callable
from functools import cache

import pytest
from click.testing import CliRunner
from flask import Flask
from pyotp import TOTP
from sqlalchemy import delete, select

from tests.browser import Person, heading, words
from tests.personas import PASSWORD, make_user
from webapp.accounts import links, second_factor
from webapp.accounts.entering import HALF
from webapp.accounts.models import AuditEntry, RecoveryCode, SecondFactor, User
from webapp.accounts.passwords import hash_password
from webapp.accounts.rights import ALL
from webapp.cli import main
from webapp.desk import Desk

HERE = "/account/profile/second-factor"
Clock = Callable[[float], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Moves the clock of the codes: each is taken once, so a test waits for the next."""
    ahead = 0.0
    real = time.time

    def move(seconds: float) -> None:
        nonlocal ahead
        ahead += seconds

    class Time:
        @staticmethod
        def time() -> float:
            return real() + ahead

    monkeypatch.setattr(second_factor, "time", Time)
    return move


@cache
def hashed() -> str:
    """A hash takes longer than all the rest of a test."""
    return hash_password(PASSWORD)


@pytest.fixture
def mara(desk: Desk) -> User:
    return make_user(desk, "mara@desk.example.com", ALL, password_hash=hashed(), first_name="Mara")


def now() -> float:
    return second_factor.time.time()


def code_of(desk: Desk, user: User) -> str:
    with desk.reading() as session:
        secret = second_factor.secret(desk.vault, session.get_one(SecondFactor, user.id))
    return TOTP(secret).generate_otp(int(now()) // 30)


def set_up(desk: Desk, user: User) -> list[str]:
    """The recovery codes of somebody who has set it up; the code of the app is spent."""
    with desk.session() as session:
        second_factor.begin(session, desk.vault, session.get_one(User, user.id))
    with desk.session() as session:
        return second_factor.confirm(session, desk.vault, session.get_one(User, user.id), code_of(desk, user))


def sign_in(app: Flask, code: str = "", target: str = "") -> Person:
    """Somebody whose password was right, and his code, if there is one."""
    person = Person(app)
    with app.extensions["desk"].reading() as session, person.client.session_transaction() as cookie:
        cookie[HALF] = [
            session.query(User).filter_by(email="mara@desk.example.com").one().get_id(),
            int(time.time()),
            target,
        ]
    if code:
        person.post("/sign-in/code", {"code": code})
    return person


def is_in(person: Person) -> bool:
    return person.get("/account/profile").status_code == 200


def test_it_is_set_up_by_a_picture_and_a_first_code(app: Flask, desk: Desk, mara: User, clock: Clock) -> None:
    person, elsewhere = Person(app, mara), Person(app, mara)
    assert heading(person.get(HERE)) == "Second factor"
    assert "isn’t your present password" in words(person.post(f"{HERE}/begin", {"present": "wrong"}))
    page = person.post(f"{HERE}/begin", {"present": PASSWORD}, follow=True)
    assert '<svg viewBox="0 0' in page.text
    assert "not the present code" in words(person.post(f"{HERE}/confirm", {"code": "000000"}))
    codes = re.findall(
        r"\b\d{4}-\d{4}-\d{4}-\d{4}\b", person.post(f"{HERE}/confirm", {"code": code_of(desk, mara)}).text
    )
    assert len(set(codes)) == 10
    assert is_in(person)
    assert not is_in(elsewhere)
    shown = person.get(HERE).text
    assert codes[0] not in shown
    assert 'svg viewBox="0 0 4' not in shown


def test_the_password_alone_opens_nothing(app: Flask, desk: Desk, mara: User, clock: Clock) -> None:
    set_up(desk, mara)
    person = Person(app)
    answer = person.post("/sign-in", {"email": mara.email, "password": PASSWORD})
    assert answer.location == "/sign-in/code"
    assert not is_in(person)
    assert "not the present code" in words(person.post("/sign-in/code", {"code": "123456"}))
    clock(30)
    answer = person.post("/sign-in/code", {"code": code_of(desk, mara)})
    assert answer.location == "/"
    assert is_in(person)


def test_a_code_is_taken_once(app: Flask, desk: Desk, mara: User, clock: Clock) -> None:
    set_up(desk, mara)
    clock(30)
    seen = code_of(desk, mara)
    assert is_in(sign_in(app, seen))
    assert not is_in(sign_in(app, seen))
    clock(30)
    assert not is_in(sign_in(app, seen))  # the clocks may differ by a step, and still it was taken


def test_a_code_of_two_minutes_ago_is_too_old(app: Flask, desk: Desk, mara: User, clock: Clock) -> None:
    set_up(desk, mara)
    clock(60)
    old = code_of(desk, mara)
    clock(120)
    assert not is_in(sign_in(app, old))


def test_a_recovery_code_opens_once(app: Flask, desk: Desk, mara: User, clock: Clock) -> None:
    code, other = set_up(desk, mara)[:2]
    assert is_in(sign_in(app, code))
    assert not is_in(sign_in(app, code))
    assert is_in(sign_in(app, other.replace("-", " ")))


def test_who_has_few_recovery_codes_left_is_told(app: Flask, desk: Desk, mara: User, clock: Clock) -> None:
    code = set_up(desk, mara)[0]
    with desk.session() as session:
        session.execute(delete(RecoveryCode).where(RecoveryCode.id > 3))
    assert "You have 2 recovery codes left" in words(sign_in(app, code).get("/"))


def test_after_the_code_he_goes_where_he_wanted(app: Flask, desk: Desk, mara: User, clock: Clock) -> None:
    code = set_up(desk, mara)[0]
    person = sign_in(app, target="/affiliates")
    assert person.post("/sign-in/code", {"code": code}).location == "/affiliates"


def test_guessing_codes_gets_slow(app: Flask, desk: Desk, mara: User, clock: Clock) -> None:
    set_up(desk, mara)
    person = sign_in(app)
    for _ in range(5):
        person.post("/sign-in/code", {"code": "111111"})
    clock(30)
    page = person.post("/sign-in/code", {"code": code_of(desk, mara)})
    assert "Too many tries" in words(page)
    assert not is_in(person)


def test_half_a_sign_in_is_over_when_the_account_changes(
    app: Flask, desk: Desk, mara: User, clock: Clock
) -> None:
    code = set_up(desk, mara)[0]
    person = sign_in(app)
    with desk.session() as session:
        session.get_one(User, mara.id).generation += 1
    assert person.post("/sign-in/code", {"code": code}).location == "/sign-in"


def test_a_new_password_by_mail_asks_for_the_code_too(
    app: Flask, desk: Desk, mara: User, clock: Clock
) -> None:
    set_up(desk, mara)
    with desk.session() as session:
        token = links.make(session, links.RESET, session.get_one(User, mara.id))
    person, new = Person(app), "quite another row of words"
    answer = person.post(f"/password/{token}", {"password": new, "again": new})
    assert answer.location == "/sign-in/code"
    assert not is_in(person)


def test_who_must_have_one_sets_it_up_before_anything_else(
    app: Flask, desk: Desk, mara: User, colleague: Person, network: Callable[..., None], clock: Clock
) -> None:
    person = Person(app, mara)
    assert person.post("/account/signing-in", {"second_factor": "required"}).location == "/account/signing-in"
    assert person.get("/affiliates").location == HERE
    assert person.post("/account/users/1/disable").location == HERE
    assert person.get("/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == HERE
    assert colleague.get("/").status_code == 200  # who holds no right goes on
    person.post(f"{HERE}/begin", {"present": PASSWORD})
    person.post(f"{HERE}/confirm", {"code": code_of(desk, mara)})
    assert person.get("/affiliates").status_code == 200
    clock(30)
    assert (
        person.post(f"{HERE}/remove", {"present": PASSWORD, "code": code_of(desk, mara)}).status_code == 409
    )


def test_it_is_removed_with_password_and_code_and_ends_other_sessions(
    app: Flask, desk: Desk, mara: User, clock: Clock
) -> None:
    codes = set_up(desk, mara)
    person, elsewhere = sign_in(app, codes[0]), sign_in(app, codes[1])
    fields = {"present": PASSWORD, "code": "000000"}
    assert "not the present code" in words(person.post(f"{HERE}/remove", fields))
    assert person.post(f"{HERE}/remove", {**fields, "code": codes[2]}).location == "/account/profile"
    assert is_in(person)
    assert not is_in(elsewhere)
    with desk.reading() as session:
        assert not session.scalars(select(RecoveryCode)).all()


def test_new_recovery_codes_end_the_old(app: Flask, desk: Desk, mara: User, clock: Clock) -> None:
    old = set_up(desk, mara)
    page = sign_in(app, old[0]).post(f"{HERE}/codes", {"present": PASSWORD, "code": old[1]})
    fresh = re.findall(r"\d{4}-\d{4}-\d{4}-\d{4}", page.text)
    assert not is_in(sign_in(app, old[2]))
    assert is_in(sign_in(app, fresh[0]))


def test_an_owner_resets_what_somebody_lost_and_a_colleague_does_not(
    app: Flask, desk: Desk, mara: User, colleague: Person, clock: Clock
) -> None:
    person = sign_in(app, set_up(desk, mara)[0])
    owner = Person(app, make_user(desk, "olga@desk.example.com", ["manage_users"]))
    place = f"/account/users/{mara.id}/reset-second-factor"
    assert colleague.post(place).status_code == 403
    assert person.post(place).status_code == 409  # his own asks for password and code
    assert "with second factor" in words(owner.get("/account/users"))
    assert "signs in with the password alone" in words(owner.post(place, follow=True))
    assert not is_in(person)
    with desk.reading() as session:
        said = session.scalars(select(AuditEntry.who).where(AuditEntry.action == "second factor removed"))
        assert list(said) == ["olga@desk.example.com"]


def test_the_operator_resets_it_by_command(
    environ: dict[str, str], desk: Desk, mara: User, clock: Clock
) -> None:
    set_up(desk, mara)
    asked = ["user", "reset-second-factor", mara.email]
    assert "password alone" in CliRunner().invoke(main, asked, env=environ).output
    again = CliRunner().invoke(main, asked, env=environ)
    assert (again.exit_code, "has no second factor" in again.output + again.stderr) == (1, True)


def test_the_secret_lies_sealed_and_survives_a_new_key(
    environ: dict[str, str], desk: Desk, mara: User, clock: Clock
) -> None:
    set_up(desk, mara)
    with desk.reading() as session:
        before = session.get_one(SecondFactor, mara.id)
        secret = second_factor.secret(desk.vault, before)
    assert secret not in before.sealed
    assert CliRunner().invoke(main, ["key", "rotate"], env=environ).exit_code == 0
    with desk.reading() as session:
        after = session.get_one(SecondFactor, mara.id)
    assert after.sealed != before.sealed
    assert second_factor.secret(desk.vault, after) == secret
