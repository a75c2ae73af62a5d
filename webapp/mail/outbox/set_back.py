"""Puts right what a clock that was ahead has left in the queue, after it was set back.

A row that was last touched in the future was touched by such a clock. Without this its mail would wait until that time comes
again: a day, if the clock was a day ahead.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.orm import Session

from webapp.mail.models import OutboxMail, ServerRest
from webapp.mail.outbox.claim import WAITING
from webapp.mail.states import State

AHEAD = timedelta(minutes=1)  # clocks of several machines may differ by less than that


def mend(session: Session, now: datetime) -> int:
    """What was queued is due now, what was deferred keeps its delay from now on, rests end. Returns the number of mails.

    One pass over what waits; a deferred mail may be tried again a little early, never twice.
    """
    queued = (
        update(OutboxMail)
        .where(_touched_later(now), OutboxMail.state == State.QUEUED.value)
        .values(not_before=now, changed_at=now)
        .execution_options(synchronize_session=False)
    )
    count = session.execute(queued).rowcount  # type: ignore[attr-defined]
    deferred = select(OutboxMail).where(_touched_later(now), OutboxMail.state == State.DEFERRED.value)
    for mail in session.scalars(deferred.execution_options(yield_per=500)):
        mail.not_before, mail.changed_at = now + (mail.not_before - mail.changed_at), now
        count += 1
    session.execute(delete(ServerRest).where(ServerRest.since > now + AHEAD))
    return int(count)


def _touched_later(now: datetime) -> ColumnElement[bool]:
    return and_(WAITING, OutboxMail.changed_at > now + AHEAD)
