"""Passwords: the rules, and how they are kept."""

import threading

import pytest

from webapp.accounts import passwords
from webapp.accounts.passwords import hash_password, is_outdated, matches, problem

GOOD = [
    "four words nobody strings together",
    "пароль из русских слов",
    "x7#kQ!vv2Lp9",
    "ひらがなとカタカナを混ぜる文",
]


@pytest.mark.parametrize("password", GOOD)
def test_a_long_uncommon_password_is_fine(password: str) -> None:
    assert problem(password, ("mara@example.com", "Mara", "Lindqvist")) is None


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("elevenchars", "too short"),
        ("", "too short"),
        ("x" * 201, "too long"),
        ("aaaaaaaaaaaaaaaa", "first that would be guessed"),
        ("passwordpassword", "first that would be guessed"),
        ("Password2026!!", "first that would be guessed"),
        ("123456789012345", "first that would be guessed"),
        ("abcdefghijklmnop", "first that would be guessed"),
        ("mara likes long walks", "contains “mara”"),
        ("the LINDQVIST family", "contains “lindqvist”"),
        ("it is mara.l@example.com", "contains “mara.l@example.com”"),
    ],
)
def test_a_bad_password_is_refused_with_reason_and_remedy(password: str, reason: str) -> None:
    said = problem(password, ("mara.l@example.com", "Mara", "Lindqvist"))
    assert said is not None
    assert reason in said
    assert "Use" in said or "Leave it out" in said


def test_a_short_name_forbids_nothing() -> None:
    assert problem("an island in the sea", ("bo@an.example", "Bo", "An")) is None


def test_a_hash_is_argon2id_with_64_mib() -> None:
    assert hash_password(GOOD[0]).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_only_the_right_password_matches() -> None:
    stored = hash_password(GOOD[0])
    assert matches(stored, GOOD[0])
    assert not matches(stored, GOOD[0] + " ")
    assert not is_outdated(stored)


def test_nobody_signs_in_without_a_password() -> None:
    assert not matches(None, "a password that nobody has")
    assert not matches("!", "!")


def test_at_most_four_hashes_run_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock, together = 0, 0, threading.Lock(), threading.Event()

    class Slow:
        def hash(self, password: str) -> str:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            together.wait(0.05)
            with lock:
                running -= 1
            return password

    monkeypatch.setattr(passwords, "_PARAMETERS", Slow())
    threads = [threading.Thread(target=hash_password, args=("x",)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 4
