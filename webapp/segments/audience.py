"""Segments as a part of an audience."""

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.errors import Invalid, NotFound
from webapp.segments import access
from webapp.segments.conditions import Reader, condition
from webapp.segments.models import Segment
from webapp.segments.rules import from_plain


class SegmentAudience:
    """Implements `webapp.affiliates.ports.SegmentAudience`."""

    def within(self, session: Session, number: str, user: User | None) -> ColumnElement[bool]:
        """The affiliate is in the segment, as `user` counts it; None is the operator."""
        segment = _find(session, number, user)
        try:
            return condition(Reader(session, user), from_plain(segment.rules))
        except Invalid as error:
            words = " ".join(error.problems.values())
            raise Invalid({"audience": f"Segment “{segment.name}”: {words}"}) from error

    def check(self, session: Session, number: str, user: User | None) -> None:
        """Refuse a segment that is not there or not for this user."""
        _find(session, number, user)

    def name(self, session: Session, number: str) -> str:
        """Its name, for sentences; the number where it is gone."""
        found = session.get(Segment, int(number)) if _is_number(number) else None
        return found.name if found else number

    def choices(self, session: Session, user: User) -> list[tuple[str, str]]:
        """Number and name of the segments that the user may write to, by name."""
        query = select(Segment.id, Segment.name).where(access.visible(user))
        return [(str(row.id), row.name) for row in session.execute(query.order_by(func.lower(Segment.name)))]


def _find(session: Session, number: str, user: User | None) -> Segment:
    if _is_number(number):
        try:
            return access.find(session, user, int(number))
        except NotFound:
            pass
    named = session.scalars(select(Segment).where(func.lower(Segment.name) == func.lower(number))).all()
    seen = [one for one in named if user is None or one.shared or one.owner_id == user.id]
    hint = (
        f"Write segment:{seen[0].id} for “{seen[0].name}”."
        if seen
        else "Choose another, or ask its owner to share it."
    )
    raise Invalid({"audience": f"There is no segment {number[:60]}, or it isn’t shared with you. {hint}"})


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10
