"""Which replies a user sees: those of his affiliates, or all."""

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from webapp.accounts.models import User
from webapp.affiliates import access
from webapp.affiliates.models import Affiliate
from webapp.affiliates.queries import managers
from webapp.errors import NotFound
from webapp.replies.models import Reply

NOBODY, MINE = "nobody", "mine"


def listed(
    user: User, *, search: str = "", state: str = "", who: str = "", oldest: bool = False
) -> Select[Reply]:
    """Newest first. `search` is looked for in sender, subject and words; `who`: mine, nobody or anybody ("")."""
    query = (
        select(Reply).join(Reply.affiliate).where(access.visible(user), *_wanted(user, search, state, who))
    )
    query = query.options(joinedload(Reply.affiliate), joinedload(Reply.assignee))
    return query.order_by(Reply.id.asc() if oldest else Reply.id.desc())


def by_state(session: Session, user: User) -> dict[str, int]:
    """How many replies of each state the user sees."""
    query = select(Reply.state, func.count()).join(Reply.affiliate).where(access.visible(user))
    return dict(session.execute(query.group_by(Reply.state)).all())


def get(session: Session, user: User, key: int) -> Reply:
    """A reply of an affiliate that the user may see; another one is as good as not there."""
    reply = session.get(Reply, key)
    if reply is None or not access.sees(user, reply.affiliate):
        raise NotFound("There is no such reply, or it isn’t one of your affiliates’.")
    return reply


def may_take(session: Session, affiliate: Affiliate) -> list[User]:
    """To whom a reply of this affiliate can be assigned: who could open it."""
    return [one for one in managers(session) if access.sees_details(one) and access.sees(one, affiliate)]


def _wanted(user: User, search: str, state: str, who: str) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Reply.state == state] if state else []
    if who:
        conditions.append(Reply.assigned_to == user.id if who == MINE else Reply.assigned_to.is_(None))
    if search:
        fields = (Reply.sender, Reply.subject, Reply.text, Affiliate.company)
        conditions.append(or_(*(field.icontains(search, autoescape=True) for field in fields)))
    return conditions
