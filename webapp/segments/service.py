"""Saves, changes and removes segments. Messages that name one follow it until they leave."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.errors import Conflict, Invalid
from webapp.imports.cleaning import Refusal, line
from webapp.segments import ports
from webapp.segments.checking import checked
from webapp.segments.conditions import Reader, condition
from webapp.segments.models import Segment
from webapp.segments.rules import Group, Groups, as_plain

MOST_OWNED = 200


def create(session: Session, user: User, name: str, groups: Sequence[Group], *, shared: bool) -> Segment:
    """A new segment of the user's own."""
    owned = session.scalar(select(func.count()).where(Segment.owner_id == user.id)) or 0
    if owned >= MOST_OWNED:
        raise Invalid({"name": f"You have {MOST_OWNED} segments. Delete one that nobody needs any more."})
    tidy = _tidy(session, user, groups)
    segment = Segment(
        name=_free(session, user.id, name), rules=as_plain(tidy), owner_id=user.id, shared=shared
    )
    session.add(segment)
    session.flush()
    audit.record(session, user, "make segment", segment.name, shared=shared)
    return segment


def change(
    session: Session, user: User, segment: Segment, name: str, groups: Sequence[Group], *, shared: bool
) -> None:
    """Change it for everything that has not left yet. Only its owner says with whom it is shared."""
    tidy = _tidy(session, user, groups)
    if segment.owner_id != user.id:
        shared = segment.shared
    if segment.shared and not shared:
        _refuse_if_used(session, segment, besides=user.id)
    segment.name = _free(session, segment.owner_id, name, besides=segment)
    segment.rules, segment.shared = as_plain(tidy), shared
    session.flush()
    audit.record(session, user, "change segment", segment.name, shared=shared)


def remove(session: Session, user: User, segment: Segment) -> None:
    """Delete it, unless something will still go to it."""
    used = ports.uses(session, segment.id)
    if used:
        named = ", ".join(f"“{use.name}”" for use in used[:3]) + (" and more" if len(used) > 3 else "")
        raise Conflict(
            f"It is still used by {named}. Choose another audience there, or wait until it has left; then delete it."
        )
    session.delete(segment)
    session.flush()
    audit.record(session, user, "delete segment", segment.name)


def _refuse_if_used(session: Session, segment: Segment, besides: int) -> None:
    if any(use.by != besides for use in ports.uses(session, segment.id)):
        words = "Colleagues will write to it, so it stays shared until they have chosen another audience."
        raise Invalid({"shared": words})


def _tidy(session: Session, user: User, groups: Sequence[Group]) -> Groups:
    tidy = checked(user, groups)
    condition(Reader(session, user), tidy)  # refuses an offer that is not there or not theirs
    return tidy


def _free(session: Session, owner: int | None, name: str, besides: Segment | None = None) -> str:
    try:
        name = line(name, most=100, what="name")
    except Refusal as refusal:
        raise Invalid({"name": str(refusal)}) from refusal
    if not name:
        raise Invalid({"name": "A segment needs a name. Type one, for example Quiet since summer."})
    for segment in session.scalars(select(Segment).where(Segment.owner_id == owner)):
        if segment is not besides and segment.name.casefold() == name.casefold():
            raise Invalid({"name": f"There is already a segment “{segment.name}”. Choose another name."})
    return name
