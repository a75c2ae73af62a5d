"""Links that work once: first set-up, invitation, new password. The database keeps only the SHA-256 of a token.

A link ends by use, by a newer one of its kind, by a new password, by disabling, or by its time.
"""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Delete, delete, select, update
from sqlalchemy.orm import Session

from webapp.accounts.models import OneTimeLink, User
from webapp.db import utcnow
from webapp.errors import NotFound

SETUP, INVITATION, RESET = "setup", "invitation", "reset"
LIFETIMES = {SETUP: timedelta(days=7), INVITATION: timedelta(days=7), RESET: timedelta(minutes=30)}
TOKEN_BYTES = 32
OVER = "This link no longer works: it was used, replaced by a newer one, or its time is over."


def setup_link(session: Session) -> str | None:
    """The token that lets the first person make the administrator; None once there is a user. A newer one replaces it."""
    return None if any_user(session) else make(session, SETUP, None)


def any_user(session: Session) -> bool:
    return session.scalar(select(User.id).limit(1)) is not None


def make(session: Session, purpose: str, user: User | None) -> str:
    """A fresh token; an older link of the same user and purpose no longer works."""
    session.execute(_open(user).where(OneTimeLink.purpose == purpose))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = OneTimeLink(
        purpose=purpose,
        user_id=user.id if user else None,
        token_hash=hashed(token),
        expires_at=utcnow() + LIFETIMES[purpose],
    )
    session.add(link)
    session.flush()
    return token


def is_fresh(session: Session, purpose: str, user: User, age: timedelta) -> bool:
    """Whether a link of this kind was made not longer ago than `age` and still works."""
    his = (OneTimeLink.user_id == user.id, OneTimeLink.purpose == purpose, OneTimeLink.used_at.is_(None))
    younger = select(OneTimeLink.id).where(*his, OneTimeLink.created_at > utcnow() - age)
    return session.scalar(younger.limit(1)) is not None


def find(session: Session, token: str, *purposes: str, now: datetime | None = None) -> OneTimeLink:
    """The link, if it still works; looking at it does not use it up. `NotFound` otherwise, whatever the reason."""
    link = session.scalar(select(OneTimeLink).where(OneTimeLink.token_hash == hashed(token)))
    if link is None or link.purpose not in purposes or link.used_at or link.expires_at <= (now or utcnow()):
        raise NotFound(OVER)
    if (link.purpose == SETUP and any_user(session)) or (link.user and link.user.disabled_at):
        raise NotFound(OVER)
    return link


def use(session: Session, link: OneTimeLink) -> None:
    """Use it up. Of two who come at the same time, one gets `NotFound`."""
    taken = session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None))
        .values(used_at=utcnow())
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound(OVER)


def end_all(session: Session, user: User | None) -> None:
    """End every open link of a user (None: those of set-up)."""
    session.execute(_open(user))


def _open(user: User | None) -> Delete:
    owner = OneTimeLink.user_id == user.id if user else OneTimeLink.user_id.is_(None)
    return delete(OneTimeLink).where(owner, OneTimeLink.used_at.is_(None))


def hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()
