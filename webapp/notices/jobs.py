"""Looks again for mails that were not known when their notice came, and clears old notices away."""

from datetime import timedelta
from functools import partial

from sqlalchemy import delete, select

from webapp.db import utcnow
from webapp.desk import Desk

SWEEP = "notices.sweep"
KEPT_FOR = timedelta(days=90)  # far beyond the hour in which a service's notice is believed
GROUP = 500


def register(desk: Desk) -> None:
    desk.jobs.task(SWEEP)(partial(sweep, desk))
    desk.jobs.periodic(SWEEP, 5)


def sweep(desk: Desk) -> None:
    from webapp.notices.intake import look_again
    from webapp.notices.models import Notice

    look_again(desk)
    with desk.session() as session:
        old = select(Notice.id).where(Notice.received_at < utcnow() - KEPT_FOR)
        ids = session.scalars(old.order_by(Notice.id).limit(GROUP)).all()
        session.execute(delete(Notice).where(Notice.id.in_(ids)))
