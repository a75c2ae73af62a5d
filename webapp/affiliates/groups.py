"""Groups of affiliates: a name that a message can be sent to. An affiliate is in one of them or in none."""

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.affiliates.details import clean
from webapp.affiliates.models import Affiliate, AffiliateGroup
from webapp.errors import Invalid, NotFound


def with_sizes(session: Session) -> list[tuple[AffiliateGroup, int]]:
    """Every group with the number of its affiliates, by name."""
    sizes = dict(session.execute(select(Affiliate.group_id, func.count()).group_by(Affiliate.group_id)).all())
    groups = session.scalars(select(AffiliateGroup)).all()
    return [
        (group, sizes.get(group.id, 0)) for group in sorted(groups, key=lambda each: each.name.casefold())
    ]


def with_names(session: Session) -> list[AffiliateGroup]:
    """Every group, by name."""
    return sorted(session.scalars(select(AffiliateGroup)), key=lambda group: group.name.casefold())


def size(session: Session, group: AffiliateGroup) -> int:
    """How many affiliates are in it."""
    return session.scalar(select(func.count()).where(Affiliate.group_id == group.id)) or 0


def names(session: Session) -> list[str]:
    return sorted(session.scalars(select(AffiliateGroup.name)), key=str.casefold)


def create(session: Session, user: User, name: str) -> AffiliateGroup:
    group = AffiliateGroup(name=_free(session, name))
    session.add(group)
    session.flush()
    audit.record(session, user, "make group", group.name)
    return group


def rename(session: Session, user: User, key: int, name: str) -> AffiliateGroup:
    group = get(session, key)
    before, group.name = group.name, _free(session, name, besides=group)
    session.flush()
    audit.record(session, user, "rename group", group.name, before=before)
    return group


def remove(session: Session, user: User, key: int) -> AffiliateGroup:
    """Delete a group; its affiliates stay and are then in none."""
    group = get(session, key)
    session.execute(update(Affiliate).where(Affiliate.group_id == group.id).values(group_id=None))
    session.delete(group)
    session.flush()
    audit.record(session, user, "delete group", group.name)
    return group


def get(session: Session, key: int) -> AffiliateGroup:
    group = session.get(AffiliateGroup, key)
    if group is None:
        raise NotFound("There is no such group any more.")
    return group


def _free(session: Session, name: str, besides: AffiliateGroup | None = None) -> str:
    try:
        name = clean({"group": name})["group"]
    except Invalid as error:
        raise Invalid({"name": error.problems["group"]}) from error
    if not name:
        raise Invalid({"name": "A group needs a name. Type one, for example Solar."})
    for group in session.scalars(select(AffiliateGroup)):
        if group is not besides and group.name.casefold() == name.casefold():
            raise Invalid({"name": f"There is already a group “{group.name}”. Choose another name."})
    return name
