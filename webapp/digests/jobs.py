"""The job that looks each minute for digests whose time has come."""

from functools import partial

from webapp.desk import Desk

ISSUE_DUE = "digests.issue"


def register(desk: Desk) -> None:
    desk.jobs.task(ISSUE_DUE)(partial(issue_due, desk))
    desk.jobs.periodic(ISSUE_DUE, 1)


def issue_due(desk: Desk) -> None:
    from webapp.digests import issuing

    issuing.issue_due(desk)
