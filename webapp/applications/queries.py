"""What the list of applications shows."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.applications.deciding import visible
from webapp.applications.models import Application

SORTS: dict[str, tuple[Any, ...]] = {
    "name": (func.lower(Application.company), func.lower(Application.last_name)),
    "added": (),
}


@dataclass(frozen=True)
class Wanted:
    """What the list was asked for, as it stands in its address."""

    search: str = ""
    state: str = "waiting"
    sort: str = "-added"


def matching(user: User, wanted: Wanted) -> Select[Application]:
    """The applications of a list, in its order."""
    query = select(Application).where(visible(user))
    if wanted.state:
        query = query.where(Application.state == wanted.state)
    fields = (Application.company, Application.first_name, Application.last_name, Application.address)
    for word in wanted.search.split()[:5]:
        query = query.where(or_(*(field.icontains(word[:100], autoescape=True) for field in fields)))
    columns = (*SORTS.get(wanted.sort.removeprefix("-"), ()), Application.id)
    down = wanted.sort.startswith("-")
    return query.order_by(*(column.desc() if down else column for column in columns))


def by_state(session: Session, user: User) -> dict[str, int]:
    """How many applications of each state the user sees."""
    query = select(Application.state, func.count()).where(visible(user)).group_by(Application.state)
    return dict(session.execute(query).all())


def name_of(session: Session, user_id: int | None) -> str:
    """Who decided."""
    user = session.get(User, user_id) if user_id is not None else None
    return user.name if user else ""
