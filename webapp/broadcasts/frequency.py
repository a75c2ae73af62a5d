"""How many announcements one person gets in some days. Operational mail is not counted and never held back.

Counted is what left or is about to: whoever has had enough gets a row that says so, as every other recipient has one.
"""

from datetime import timedelta

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.db import utcnow
from webapp.mail.models import Mailing, OutboxMail
from webapp.mail.outbox.enqueue import leave_out
from webapp.mail.states import Kind, State
from webapp.settings import store

ENOUGH = "had_enough"
COUNTED = (State.QUEUED, State.SENDING, State.DEFERRED, State.SENT, State.UNKNOWN)


def had_enough(session: Session, besides: int = 0) -> Select[int | None] | None:
    """The ids of affiliates who have had as many announcements as they may get; None when there is no limit.

    Mails of the mailing `besides` are not counted.
    """
    rules = store.identity(session)
    if not rules.most_announcements:
        return None
    since = utcnow() - timedelta(days=int(rules.announcement_days or 7))
    lately = select(Mailing.id).where(
        Mailing.kind == Kind.ANNOUNCEMENT.value, Mailing.created_at >= since, Mailing.id != besides
    )
    return (
        select(OutboxMail.recipient_id)
        .where(OutboxMail.mailing_id.in_(lately), OutboxMail.state.in_([state.value for state in COUNTED]))
        .where(OutboxMail.recipient_id.is_not(None))
        .group_by(OutboxMail.recipient_id)
        .having(func.count() >= int(rules.most_announcements))
    )


def among_them(session: Session, person: InstrumentedAttribute[int]) -> ColumnElement[bool] | None:
    """The condition that a person has had enough; None when there is no limit."""
    enough = had_enough(session)
    return None if enough is None else person.in_(enough)


def spare(session: Session, mailing: Mailing) -> int:
    """Take those who have had enough out of a mailing that has just been made; how many."""
    enough = had_enough(session, besides=mailing.id) if mailing.kind == Kind.ANNOUNCEMENT else None
    if enough is None:
        return 0
    return leave_out(session, mailing, OutboxMail.recipient_id.in_(enough), ENOUGH)
