"""A message beside those that went before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.broadcasts.access import visible
from webapp.broadcasts.models import Broadcast
from webapp.mail.models import Mailing
from webapp.reports.models import MailingReport

FORMER = 5


@dataclass(frozen=True)
class Rates:
    """`later` is what was heard afterwards; None when that has not been counted yet."""

    broadcast_id: int
    name: str
    at: datetime
    total: int
    accepted: int
    failed: int
    later: Mapping[str, int] | None

    @property
    def tried(self) -> int:
        """Mails that left or should have: those left out beforehand say nothing about a message."""
        return self.accepted + self.failed


def rates_of(broadcast: Broadcast, mailing: Mailing, later: Mapping[str, int] | None) -> Rates:
    failed = mailing.failed + mailing.unknown
    return Rates(broadcast.id, broadcast.name, mailing.created_at, mailing.total, mailing.sent, failed, later)


def former(session: Session, user: User, broadcast: Broadcast) -> list[Rates]:
    """The last ones of the same kind that this user may see, the latest first."""
    rows = (
        select(Broadcast, Mailing, MailingReport)
        .join(Mailing, Mailing.id == Broadcast.mailing_id)
        .outerjoin(MailingReport, MailingReport.mailing_id == Mailing.id)
        .where(visible(user), Broadcast.kind == broadcast.kind, Mailing.id < broadcast.mailing_id)
        .order_by(Mailing.id.desc())
        .limit(FORMER)
    )
    return [
        rates_of(one, mailing, report.totals if report is not None and report.counted_at else None)
        for one, mailing, report in session.execute(rows)
    ]
