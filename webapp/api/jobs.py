"""The job that forgets kept answers; nothing is lost when it is, since it comes again."""

from functools import partial

from webapp.desk import Desk

CLEAR = "api.clear"


def register(desk: Desk) -> None:
    desk.jobs.task(CLEAR)(partial(clear, desk))
    desk.jobs.periodic(CLEAR, 30)


def clear(desk: Desk) -> None:
    from webapp.api import kept
    from webapp.db import utcnow

    with desk.session() as session:
        kept.clear(session, utcnow())
