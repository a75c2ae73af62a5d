"""Slows down guessing: per account and per address the wait grows with each failure. Nobody is locked out for good.

The counts lie in the database, so that all processes share them, and under a hash, so that no typed name is kept. A try is
counted before the password is checked: many at the same time count as many.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.accounts.models import SignInThrottle
from webapp.db import utcnow

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)


@dataclass(frozen=True)
class Subject:
    """Whose failures are counted, and how many are free."""

    key: str
    free: int


def account(name: str, purpose: str = "account") -> Subject:
    """The account that was named, whether it exists or not."""
    return Subject(f"{purpose}:{sha256(name.strip().lower().encode()).hexdigest()}", free=5)


def address(remote: str, purpose: str = "address") -> Subject:
    """Where the request came from. Of IPv6 the /64, which is one customer."""
    try:
        parsed = ip_address(remote)
    except ValueError:
        return Subject(f"{purpose}:unknown", free=25)
    if isinstance(parsed, IPv6Address):
        remote = str(IPv6Address(int(parsed) >> 64 << 64))
    return Subject(f"{purpose}:{remote}", free=25)


def take(session: Session, *subjects: Subject, now: datetime | None = None) -> timedelta | None:
    """Count one try; or say how long to wait, and then it does not count."""
    now = now or utcnow()
    session.execute(delete(SignInThrottle).where(SignInThrottle.changed_at < now - FORGOTTEN_AFTER))
    rows = [(subject, _row(session, subject.key)) for subject in sorted(subjects, key=lambda each: each.key)]
    waits = [row.blocked_until - now for _, row in rows if row.blocked_until and row.blocked_until > now]
    if waits:
        return max(waits)
    for subject, row in rows:
        row.failures += 1
        row.changed_at = now
        row.blocked_until = now + wait if (wait := _wait(row.failures - subject.free)) else None
    session.flush()
    return None


def forgive(session: Session, account: Subject, *others: Subject) -> None:
    """After a success: the account starts afresh, the try no longer counts for the others."""
    session.execute(delete(SignInThrottle).where(SignInThrottle.key == account.key))
    for other in others:
        row = _row(session, other.key)
        row.failures = max(0, row.failures - 1)
        row.blocked_until = None
    session.flush()


def sentence(wait: timedelta) -> str:
    """When to try again, in words."""
    seconds = max(1, round(wait.total_seconds()))
    if seconds < 60:
        return f"Too many tries. Try again in {seconds} second{'s' if seconds > 1 else ''}."
    minutes = -(-seconds // 60)
    return f"Too many tries. Try again in {minutes} minute{'s' if minutes > 1 else ''}."


def _wait(over: int) -> timedelta | None:
    return None if over < 0 else min(FIRST_WAIT * 2 ** min(over, 10), LONGEST_WAIT)


def _row(session: Session, key: str) -> SignInThrottle:
    query = select(SignInThrottle).where(SignInThrottle.key == key).with_for_update()
    row = session.scalar(query)
    if row is None:
        try:
            with session.begin_nested():
                session.add(SignInThrottle(key=key, failures=0))
        except IntegrityError:
            pass  # another process counted the first try in this moment
        row = session.scalars(query).one()
    return row
