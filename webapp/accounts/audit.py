"""The audit trail: who did what, when. Written in the transaction of the deed, so that neither stands without the other."""

from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from webapp.accounts.models import AuditEntry, User

COMMAND_LINE = "command line"
SEARCHED = 20_000


def record(session: Session, user: User | str | None, action: str, subject: str = "", **detail: Any) -> None:
    """Add an entry. `user` may be a plain name ("command line"); `detail` must be JSON and never holds a secret."""
    session.add(
        AuditEntry(
            user_id=user.id if isinstance(user, User) else None,
            who=(user.email if isinstance(user, User) else user or "")[:254],
            action=action[:60],
            subject=subject[:254],
            detail=detail,
        )
    )


def entries(search: str = "") -> Select[AuditEntry]:
    """Newest first; `search` looks into who, action and subject of the newest `SEARCHED` entries."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc())
    if search:
        fields = (AuditEntry.who, AuditEntry.action, AuditEntry.subject)
        newest = select(func.coalesce(func.max(AuditEntry.id), 0)).scalar_subquery()
        query = query.where(AuditEntry.id > newest - SEARCHED)
        query = query.where(or_(*(field.icontains(search, autoescape=True) for field in fields)))
    return query
