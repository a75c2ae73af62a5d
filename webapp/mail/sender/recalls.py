"""Which of the mails that a child holds must not leave any more: paused, cancelled, suppressed since they were claimed."""

from collections.abc import Collection

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from webapp.among import among
from webapp.mail.models import Mailing, OutboxMail, Suppression
from webapp.mail.states import Kind, MailingState


def recalled(session: Session, mail_ids: Collection[int]) -> set[int]:
    """Those of these mails whose mailing does not run any more or whose address is suppressed by now."""
    return {*session.scalars(_stopped(mail_ids)), *session.scalars(_suppressed(mail_ids))}


def _stopped(ids: Collection[int]) -> Select[int]:
    return (
        select(OutboxMail.id)
        .join(Mailing, Mailing.id == OutboxMail.mailing_id)
        .where(among(OutboxMail.id, ids), Mailing.state != MailingState.RUNNING.value)
    )


def _suppressed(ids: Collection[int]) -> Select[int]:
    applies = or_(Suppression.scope == "all", OutboxMail.kind == Kind.ANNOUNCEMENT.value)
    return (
        select(OutboxMail.id)
        .join(Suppression, Suppression.address == func.lower(OutboxMail.address))
        .where(among(OutboxMail.id, ids), applies)
    )
