"""Which of the mails that a child holds must not leave any more: paused, cancelled, suppressed since they were claimed."""

from collections.abc import Collection

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from webapp.among import among
from webapp.db import domain_of
from webapp.mail.models import MailContent, Mailing, OutboxMail, Suppression
from webapp.mail.states import Kind, MailingState
from webapp.mail.suppressions import ALL, ANNOUNCEMENT
from webapp.mail.topics import topic_in_database


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
    news = OutboxMail.kind == Kind.ANNOUNCEMENT.value
    its_own = Suppression.scope.in_((ANNOUNCEMENT, topic_in_database()))
    address = func.lower(OutboxMail.address)
    return (
        select(OutboxMail.id)
        .join(MailContent, MailContent.id == OutboxMail.content_id)
        .join(Suppression, Suppression.address.in_((address, domain_of(address))))
        .where(among(OutboxMail.id, ids), or_(Suppression.scope == ALL, and_(news, its_own)))
    )
