"""The job that reads each minute what became of mails, for rules about it."""

from functools import partial

from webapp.desk import Desk

CATCH_UP = "segments.catch_up"


def register(desk: Desk) -> None:
    desk.jobs.task(CATCH_UP)(partial(catch_up, desk))
    desk.jobs.periodic(CATCH_UP, 1)


def catch_up(desk: Desk) -> None:
    from webapp.segments import activity

    activity.catch_up(desk)
