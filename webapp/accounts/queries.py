"""Reading users for the list."""

from collections.abc import Sequence

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from webapp.accounts.models import SecondFactor, User

STATES = {
    "active": (User.disabled_at.is_(None), User.password_hash.is_not(None)),
    "invited": (User.disabled_at.is_(None), User.password_hash.is_(None)),
    "disabled": (User.disabled_at.is_not(None),),
}
_NAME = func.lower(User.first_name + User.last_name + User.email)
_ORDERS = {
    "name": (_NAME, User.id),
    "-name": (_NAME.desc(), User.id.desc()),
    "seen": (User.last_seen_at.is_not(None), User.last_seen_at, User.id),
    "-seen": (User.last_seen_at.is_(None), User.last_seen_at.desc(), User.id),
}


def listing(search: str = "", state: str = "", sort: str = "name") -> Select[User]:
    """Users whose name or address contains `search`, in a state (empty: any)."""
    query = select(User).where(*STATES.get(state, ())).order_by(*_ORDERS.get(sort, _ORDERS["name"]))
    for word in search.split():
        fields = (User.first_name, User.last_name, User.email)
        query = query.where(or_(*(field.icontains(word, autoescape=True) for field in fields)))
    return query


def with_second_factor(session: Session, users: Sequence[User]) -> set[int]:
    """The ids of those who are asked for a code, too."""
    ids = [user.id for user in users]
    confirmed = SecondFactor.confirmed_at.is_not(None)
    return set(session.scalars(select(SecondFactor.user_id).where(SecondFactor.user_id.in_(ids), confirmed)))


def counts(session: Session) -> dict[str, int]:
    """How many users there are in each state, and under "" in all."""
    found = {
        state: session.scalar(select(func.count(User.id)).where(*rule)) or 0 for state, rule in STATES.items()
    }
    return {"": sum(found.values()), **found}
