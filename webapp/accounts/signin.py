"""Signing in: same answer, same work and same time whether the account exists or not."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts import passwords, throttle
from webapp.accounts.audit import record
from webapp.accounts.models import User
from webapp.db import utcnow
from webapp.errors import Invalid

WRONG = "Address and password don’t match. Check both, or choose a new password under “Forgotten?”."


@dataclass(frozen=True)
class Attempt:
    """What is known before the password is checked, so that no lock is held while it is."""

    name: str
    remote: str
    user: User | None
    stored: str | None

    def proves(self, password: str) -> bool:
        """The slow part: one hash, whoever was named. Call it after the session was released."""
        return passwords.matches(self.stored, password)


def attempt(session: Session, name: str, remote: str) -> Attempt:
    """Count the try and look the account up; `Invalid` when it is too early for another try."""
    wait = throttle.take(session, throttle.account(name), throttle.address(remote))
    if wait:
        raise Invalid({"password": throttle.sentence(wait)})
    user = session.scalar(select(User).where(User.email == name.strip().lower()))
    usable = user is not None and user.disabled_at is None
    return Attempt(name, remote, user, user.password_hash if user and usable else None)


def settle(session: Session, attempt: Attempt, proven: bool, password: str) -> User:
    """Write down how the password ended; the user, or `Invalid`."""
    if not proven or attempt.user is None:
        # A name that nobody has may be a password typed into the wrong field: it is not written down.
        subject = attempt.user.email if attempt.user else "unknown account"
        record(session, None, "sign-in refused", subject, address=attempt.remote)
        raise Invalid({"password": WRONG})
    user = attempt.user
    if passwords.is_outdated(user.password_hash or ""):
        user.password_hash = passwords.hash_password(password)
    throttle.forgive(session, throttle.account(attempt.name), throttle.address(attempt.remote))
    return user


def note(session: Session, user: User, remote: str) -> None:
    """Write down that somebody is in, with everything that was asked of him."""
    user.last_seen_at = utcnow()
    record(session, user, "signed in", user.email, address=remote)
