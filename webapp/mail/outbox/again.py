"""Which mails may be sent again when a person asks for it: those that failed or are unknown, and nobody who is barred."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from webapp.errors import Conflict
from webapp.mail import suppressions
from webapp.mail.models import OutboxMail
from webapp.mail.states import State

AGAIN = (State.FAILED.value, State.UNKNOWN.value)


@dataclass(frozen=True)
class Again:
    """`may` go again; `barred` may not: their address does not exist, they left, complained, or were blocked."""

    may: int = 0
    barred: int = 0


def count(session: Session, mailing_id: int, which: str) -> Again:
    """How many of the `failed` or `unknown` ones."""
    mine = (OutboxMail.mailing_id == mailing_id, OutboxMail.state == check(which))
    whole = session.scalar(select(func.count()).where(*mine)) or 0
    may = session.scalar(select(func.count()).where(*mine, not_barred(session))) or 0 if whole else 0
    return Again(may, whole - may)


def check(which: str) -> str:
    """Refuse whatever else; a mail that was accepted is never sent twice."""
    if which not in AGAIN:
        raise Conflict("Only failed and unknown mails can be sent again.")
    return which


def not_barred(session: Session) -> ColumnElement[bool]:
    """Who was barred since, say because the server knew no such address, is left as he is."""
    reason = suppressions.reason_for_row(domains=suppressions.any_domain(session))
    condition: ColumnElement[bool] = reason.is_(None)
    return condition
