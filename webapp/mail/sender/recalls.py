"""Which of the mails that a child holds must not leave any more: paused, cancelled, suppressed since they were claimed."""

from collections.abc import Collection

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from webapp.mail.models import Mailing, OutboxMail, Suppression
from webapp.mail.states import Kind, MailingState

CHUNK = 500


def recalled(session: Session, mail_ids: Collection[int]) -> set[int]:
    """Those of these mails whose mailing does not run any more or whose address is suppressed by now."""
    ids, found = sorted(mail_ids), set[int]()
    for start in range(0, len(ids), CHUNK):
        found.update(session.scalars(_stopped(ids[start : start + CHUNK])))
        found.update(session.scalars(_suppressed(ids[start : start + CHUNK])))
    return found


def _stopped(ids: list[int]) -> Select[int]:
    return (
        select(OutboxMail.id)
        .join(Mailing, Mailing.id == OutboxMail.mailing_id)
        .where(OutboxMail.id.in_(ids), Mailing.state != MailingState.RUNNING.value)
    )


def _suppressed(ids: list[int]) -> Select[int]:
    applies = or_(Suppression.scope == "all", OutboxMail.kind == Kind.ANNOUNCEMENT.value)
    return (
        select(OutboxMail.id)
        .join(Suppression, Suppression.address == func.lower(OutboxMail.address))
        .where(OutboxMail.id.in_(ids), applies)
    )
