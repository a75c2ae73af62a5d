"""Counts what is new and judges what is being sent, every minute; and clears away counts that nobody reads any more."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from webapp.desk import Desk
from webapp.mail import events

LOOK, CLEAR = "guards.look", "guards.clear"
RECIPIENTS_KEPT = timedelta(
    days=90
)  # by recipient domain; the sums of a domain, and those to Gmail, are kept


def register(desk: Desk) -> None:
    events.listen(_heard)
    desk.jobs.task(LOOK)(partial(look, desk))
    desk.jobs.task(CLEAR)(partial(clear, desk))
    desk.jobs.periodic(LOOK, 1)
    desk.jobs.periodic(CLEAR, 55)


def look(desk: Desk) -> None:
    from webapp.guards import tally, telling, watch

    tally.catch_up(desk)
    watch.look(desk)
    telling.tell(desk)


def clear(desk: Desk) -> None:
    """Whoever joins later needs no more than the sums: recipient domains may be as many as recipients."""
    from sqlalchemy import delete

    from webapp.db import utcnow
    from webapp.guards.figures import GMAIL
    from webapp.guards.models import ALL, TallyDay
    from webapp.guards.tally import day_of

    old = TallyDay.day < day_of(utcnow() - RECIPIENTS_KEPT)
    with desk.session() as session:
        session.execute(delete(TallyDay).where(old, TallyDay.recipient.not_in((ALL, *GMAIL))))


def _heard(session: Session, event: Mapping[str, Any]) -> None:
    from webapp.guards import watch

    watch.heard(session, event)
