"""Who sees a segment and who changes it. Whom it names depends on who asks, never on who wrote it."""

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.errors import NotAllowed, NotFound
from webapp.segments.models import Segment

READS = ("view_all_affiliates", "view_affiliate_details")
GONE = "There is no such segment (any more), or it isn’t shared with you."


def visible(user: User) -> ColumnElement[bool]:
    """The user's own segments and those that are shared."""
    return or_(Segment.shared, Segment.owner_id == user.id)


def find(session: Session, user: User | None, key: int) -> Segment:
    """A segment that the user may read and use; None is the operator. A private one of somebody else is as good as none."""
    query = select(Segment).where(Segment.id == key)
    found = session.scalar(query if user is None else query.where(visible(user)))
    if found is None:
        raise NotFound(GONE)
    return found


def may_edit(user: User, segment: Segment) -> bool:
    """Its owner; a shared one also whoever may edit all affiliates."""
    return segment.owner_id == user.id or (segment.shared and user.may("edit_all"))


def find_to_edit(session: Session, user: User, key: int) -> Segment:
    segment = find(session, user, key)
    if not may_edit(user, segment):
        raise NotAllowed("edit_all")
    return segment
