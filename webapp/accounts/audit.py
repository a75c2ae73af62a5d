"""The audit trail: who did what, when. Written in the transaction of the deed, so that neither stands without the other."""

from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from webapp.accounts.models import AuditEntry, User

COMMAND_LINE = "command line"


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
    """Newest first; `search` looks into who, action and subject."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc())
    if search:
        fields = (AuditEntry.who, AuditEntry.action, AuditEntry.subject)
        query = query.where(or_(*(field.icontains(search, autoescape=True) for field in fields)))
    return query
