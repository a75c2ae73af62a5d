"""The sending domain is checked again every day by itself."""

from datetime import timedelta
from functools import partial

from webapp.db import utcnow
from webapp.desk import Desk

RECHECK = "domains.recheck"
DAILY = timedelta(hours=23)  # the tick comes every 59 minutes: once a day, drifting a little


def register(desk: Desk) -> None:
    desk.jobs.task(RECHECK)(partial(recheck, desk))
    desk.jobs.periodic(RECHECK, 59)


def recheck(desk: Desk) -> None:
    """Check the sending domain if the last check is a day old. A check too many, from two workers at once, harms nothing."""
    from webapp.domains import history
    from webapp.domains.loading import sending_domain, subject_of

    with desk.reading() as session:
        domain = sending_domain(session)
        last = history.latest(session, domain) if domain else None
        if not domain or (last is not None and utcnow() - last.at < DAILY):
            return
        subject = subject_of(desk, session, domain)
    made = history.examine(desk, subject)
    with desk.session() as session:
        history.keep(session, made)
