"""Who sees and steers a digest: whoever writes it, and whoever may write to all."""

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.broadcasts.access import ALL, APPROVE, WRITES
from webapp.digests.models import Digest
from webapp.errors import NotFound

READS = (*WRITES, APPROVE)


def visible(user: User) -> ColumnElement[bool]:
    """Own ones; with *send to all* or *approve large sends* every one."""
    if user.may(ALL) or user.may(APPROVE):
        return true()
    return or_(Digest.created_by == user.id)


def find(session: Session, user: User, key: int) -> Digest:
    """The digest, if this user may see it."""
    found = session.scalar(select(Digest).where(Digest.id == key, visible(user)))
    if found is None:
        raise NotFound("This digest does not exist, or it is not one of yours.")
    return found


def find_own(session: Session, user: User, key: int) -> Digest:
    """The digest, if this user may change and switch it."""
    found = find(session, user, key)
    if not may_steer(user, found):
        raise NotFound("This digest does not exist, or it is not one of yours.")
    return found


def may_steer(user: User, digest: Digest) -> bool:
    return user.may(ALL) or (user.may(WRITES[0]) and digest.created_by == user.id)
