"""Mails that were put off for their domain's sake leave at once when it is well again, not in the slots they were given."""

from datetime import datetime

from sqlalchemy import true, update
from sqlalchemy.orm import Session

from webapp.mail.models import OutboxMail
from webapp.mail.outbox.claim import WAITING
from webapp.mail.outbox.domains import LATEST, goes_to
from webapp.mail.states import State


def wake(session: Session, domain: str | None, now: datetime) -> None:
    """Those to this domain, or to any (None), are due now. Mails that a server deferred keep the time they were given.

    One pass over what waits, once a recovery. Whoever waits longer than `LATEST` was not put off by a domain.
    """
    session.execute(
        update(OutboxMail)
        .where(WAITING, OutboxMail.state == State.QUEUED.value)
        .where(OutboxMail.not_before > now, OutboxMail.not_before <= now + LATEST)
        .where(true() if domain is None else goes_to(domain))
        .values(not_before=now)
        .execution_options(synchronize_session=False)
    )
