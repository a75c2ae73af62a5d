"""The job that looks each minute for messages whose time has come."""

from functools import partial

from webapp.desk import Desk

START_DUE = "broadcasts.start_due"


def register(desk: Desk) -> None:
    desk.jobs.task(START_DUE)(partial(start_due, desk))
    desk.jobs.periodic(START_DUE, 1)


def start_due(desk: Desk) -> None:
    from webapp.broadcasts import due

    due.start_due(desk)
