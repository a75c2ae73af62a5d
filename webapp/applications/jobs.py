"""Unconfirmed applications are forgotten after a week; nothing is lost when the job is, since it comes again."""

from functools import partial

from webapp.desk import Desk

TIDY = "applications.tidy"


def register(desk: Desk) -> None:
    desk.jobs.task(TIDY)(partial(tidy, desk))
    desk.jobs.periodic(TIDY, 59)


def tidy(desk: Desk) -> None:
    from webapp.applications.applying import forget_unconfirmed

    with desk.session() as session:
        forget_unconfirmed(session)
