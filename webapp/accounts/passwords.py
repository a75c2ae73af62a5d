"""Passwords: what makes a good one, how it is kept (Argon2id), and checks that take the same time for everybody."""

from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST = 12
MOST = 200
_PARAMETERS = PasswordHasher()  # Argon2id, 64 MiB
_AT_ONCE = BoundedSemaphore(
    4
)  # a hash takes 64 MiB: many sign-ins at once must not take the machine's memory
# Compared as a whole, without digits and signs around the word: “Password2026!” is no better than “password”.
_GUESSED_FIRST = """
password passwordpassword passwort letmein letmeinletmein welcome welcomewelcome qwerty qwertyuiop qwertyqwerty qwertzuiop
administrator admin adminadmin changeme changemechangeme iloveyou monkey dragon football baseball sunshine princess trustno
offerpost affiliate affiliates network correcthorsebatterystaple
"""
_OBVIOUS = frozenset(_GUESSED_FIRST.split())


def hash_password(password: str) -> str:
    with _AT_ONCE:
        return _PARAMETERS.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether it is the password. Always works through exactly one hash, also for a user without one (or no user)."""
    with _AT_ONCE:
        try:
            right = _PARAMETERS.verify(stored or _nobodys(), password[: MOST + 1])
        except (VerificationError, InvalidHashError):
            return False
    return right and stored is not None


def is_outdated(stored: str) -> bool:
    """Whether it was hashed with other parameters than today's; then hash it again while the password is at hand."""
    return _PARAMETERS.check_needs_rehash(stored)


def problem(password: str, about: Iterable[str] = ()) -> str | None:
    """What is wrong with a new password, with the remedy; None if it is fine. `about`: name and address of its user."""
    if len(password) < LEAST:
        return f"The password is too short. Use at least {LEAST} characters; four words in a row are easy to keep in mind."
    if len(password) > MOST:
        return f"The password is too long. Use at most {MOST} characters."
    if _is_obvious(password):
        return "This password is among the first that would be guessed. Use some words that have nothing to do with each other."
    for part in _telling(about):
        if part in password.lower():
            return f"The password contains “{part}”, which others know of you. Leave it out."
    return None


@cache
def _nobodys() -> str:
    return _PARAMETERS.hash("a password that nobody has")


def _is_obvious(password: str) -> bool:
    low = password.lower()
    core = low.strip("0123456789!?.,-_+*#$ ")
    return core in _OBVIOUS or not core or len(set(low)) < 5 or _is_a_run(low)


def _is_a_run(low: str) -> bool:
    steps = {ord(after) - ord(before) for before, after in pairwise(low)}
    return steps in ({1}, {-1})


def _telling(about: Iterable[str]) -> list[str]:
    parts = [part.lower() for text in about for part in (text, text.partition("@")[0], *text.split())]
    return sorted({part for part in parts if len(part) >= 4}, key=len, reverse=True)
