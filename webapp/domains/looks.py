"""Looks into the DNS that somebody asked for: written down, made by a job, so that no page waits for a name server.

There is one at a time for each domain and kind. A look that its process did not live to make is found by the sweep.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import AuditEntry, User
from webapp.db import utcnow
from webapp.domains.models import Look
from webapp.errors import Conflict, NotFound

# Every rule; the plan of the assistant; the record of a key; the same, and then the key signs.
CHECK, RECORDS, KEY, SIGN = "check", "records", "key", "sign"
ASKED = {
    CHECK: "domain checked",
    RECORDS: "records of a domain looked up",
    KEY: "DKIM record looked for",
    SIGN: "DKIM key to be activated",
}
PER_MINUTE = 6  # looks that one person may ask for
LOST_AFTER = timedelta(minutes=2)
GIVEN_UP_AFTER = timedelta(minutes=30)
FRESH = timedelta(minutes=30)  # so long a page shows what became of a look at a key
NOBODY = "Nobody came to make it. Start “offerpost serve” or “offerpost worker”, then ask again."


def ask(session: Session, user: User, kind: str, domain: str, about: dict[str, Any] | None = None) -> Look:
    """Write down that the domain is to be looked at; the caller queues the job when this is committed.

    Raises `Conflict` for somebody who asks too often: each look asks up to 200 questions in our name.
    """
    _slow_down(session, user)
    audit.record(session, user, ASKED[kind], domain)
    look = latest(session, kind, domain)
    if look is None:
        look = Look(kind=kind, domain=domain)
        session.add(look)
    if about is not None:
        look.found = about
    look.by, look.asked_at, look.done_at, look.trouble = user.id, utcnow(), None, ""
    session.flush()
    return look


def latest(session: Session, kind: str, domain: str) -> Look | None:
    return session.scalars(select(Look).where(Look.kind == kind, Look.domain == domain)).first()


def about_keys(session: Session) -> dict[str, Look]:
    """By domain, the newest look at its keys that is under way or was made a moment ago."""
    since = utcnow() - FRESH
    query = select(Look).where(Look.kind.in_((KEY, SIGN)), Look.asked_at > since).order_by(Look.asked_at)
    return {look.domain: look for look in session.scalars(query)}


def find(session: Session, number: int) -> Look:
    look = session.get(Look, number)
    if look is None:
        raise NotFound("There is no such look into the DNS.")
    return look


def end(look: Look, *, trouble: str = "", found: dict[str, Any] | None = None) -> None:
    """The look is over. Without a new finding the last one stays."""
    look.done_at, look.trouble = utcnow(), trouble
    if found is not None:
        look.found, look.found_at = found, utcnow()


def lost(session: Session) -> list[int]:
    """Numbers of looks that should have been made by now. Those of half an hour ago are given up."""
    open_ones = session.scalars(select(Look).where(Look.done_at.is_(None))).all()
    for look in open_ones:
        if utcnow() - look.asked_at > GIVEN_UP_AFTER:
            end(look, trouble=NOBODY)
    return [one.id for one in open_ones if one.done_at is None and utcnow() - one.asked_at > LOST_AFTER]


def _slow_down(session: Session, user: User) -> None:
    since = utcnow() - timedelta(minutes=1)
    query = select(func.count(AuditEntry.id)).where(
        AuditEntry.at > since, AuditEntry.action.in_(ASKED.values()), AuditEntry.user_id == user.id
    )
    if (session.scalar(query) or 0) >= PER_MINUTE:
        raise Conflict(f"You checked {PER_MINUTE} times within a minute. Wait a minute, then check again.")
