"""What is cleared away after its time. One more kind of records is one more row of `KINDS`, with a setting `keep_…_days`.

Suppressions, opt-outs and the totals of messages are none of them: they are kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select

from webapp.accounts.models import AuditEntry
from webapp.applications.deciding import DENIED
from webapp.applications.models import Application
from webapp.db import Base
from webapp.feedback.models import ReturnedMail
from webapp.mail.models import Attempt, Mailing, OutboxMail
from webapp.mail.states import FINAL

Older = Callable[[datetime], Select[int]]


@dataclass(frozen=True)
class Kind:
    """`older(moment)` yields the ids of rows that may go, the oldest first."""

    setting: str
    label: str
    help: str
    table: type[Base]
    older: Older
    audited: bool = False  # whether the trail says that some went; what goes every hour would fill it


def _mails(moment: datetime) -> Select[int]:
    """Final mails of messages that are over, and single ones. Their attempts go with them."""
    over = or_(OutboxMail.mailing_id.is_(None), Mailing.finished_at < moment)
    final = OutboxMail.state.in_([state.value for state in FINAL])
    old = select(OutboxMail.id).outerjoin(Mailing, Mailing.id == OutboxMail.mailing_id)
    return old.where(OutboxMail.changed_at < moment, final, over).order_by(OutboxMail.id)


def _attempts(moment: datetime) -> Select[int]:
    return select(Attempt.id).where(Attempt.at < moment).order_by(Attempt.id)


def _audit(moment: datetime) -> Select[int]:
    return select(AuditEntry.id).where(AuditEntry.at < moment).order_by(AuditEntry.id)


def _returned(moment: datetime) -> Select[int]:
    read = select(ReturnedMail.id).where(ReturnedMail.received_at < moment, ReturnedMail.kind != "")
    return read.order_by(ReturnedMail.id)


def _denied(moment: datetime) -> Select[int]:
    old = select(Application.id).where(Application.state == DENIED, Application.decided_at < moment)
    return old.order_by(Application.id)


KINDS = (
    Kind(
        "keep_attempts_days",
        "Attempts",
        "Each try of a mail with the server’s answer, time and encryption. The last answer stays with the mail.",
        Attempt,
        _attempts,
    ),
    Kind(
        "keep_mails_days",
        "Mails",
        "Who got which message and what became of it. The totals of a message stay. Links to unsubscribe in older mails "
        "stop working then, so at least 90 days.",
        OutboxMail,
        _mails,
    ),
    Kind(
        "keep_denied_days",
        "Denied applications",
        "What an applicant told of himself who was turned away; the audit trail says how many went. Empty: 180 days. Approved "
        "ones go with their affiliate, unconfirmed ones after a week.",
        Application,
        _denied,
        audited=True,
    ),
    Kind(
        "keep_returned_days",
        "Returned mail",
        "Bounces, complaints and answers as they came, at least 30 days. What they led to stays: suppressions, outcomes, and "
        "replies with their affiliate.",
        ReturnedMail,
        _returned,
        audited=True,
    ),
    Kind("keep_audit_days", "Audit trail", "Who did what, when.", AuditEntry, _audit),
)
