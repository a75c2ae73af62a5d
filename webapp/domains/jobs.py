"""The DNS is asked beside the pages: when somebody wants to know, and every day by itself for the sending domain."""

import logging
from datetime import timedelta
from functools import partial

from webapp.db import utcnow
from webapp.desk import Desk
from webapp.errors import DomainError

log = logging.getLogger("offerpost.domains")

RECHECK, LOOK, SWEEP = "domains.recheck", "domains.look", "domains.sweep"
DAILY = timedelta(hours=23)  # the tick comes every 59 minutes: once a day, drifting a little


def register(desk: Desk) -> None:
    desk.jobs.task(RECHECK)(partial(recheck, desk))
    desk.jobs.periodic(RECHECK, 59)
    desk.jobs.task(LOOK)(partial(look, desk))
    desk.jobs.task(SWEEP)(partial(sweep, desk))
    desk.jobs.periodic(SWEEP, 2)


def look(desk: Desk, number: int) -> None:
    """Make a look that was asked for. One that is made already is left alone."""
    from webapp.domains.looking import look

    try:
        look(desk, number)
    except DomainError as error:
        _give_up(desk, number, str(error))
    except Exception:
        _give_up(desk, number, "A fault of ours stopped it; the operator finds the cause in the log.")
        raise


def sweep(desk: Desk) -> None:
    """Queue again what a killed process left unmade."""
    from webapp.domains import looks

    with desk.session() as session:
        numbers = looks.lost(session)
    for number in numbers:
        desk.jobs.enqueue(LOOK, number=number)


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


def _give_up(desk: Desk, number: int, words: str) -> None:
    from webapp.domains import looks
    from webapp.domains.models import Look

    with desk.session() as session:
        found = session.get(Look, number)
        if found is not None:
            looks.end(found, trouble=words)
