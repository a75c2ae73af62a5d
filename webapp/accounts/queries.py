"""Reading users for the list."""

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from webapp.accounts.models import User

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


def counts(session: Session) -> dict[str, int]:
    """How many users there are in each state, and under "" in all."""
    found = {
        state: session.scalar(select(func.count(User.id)).where(*rule)) or 0 for state, rule in STATES.items()
    }
    return {"": sum(found.values()), **found}
