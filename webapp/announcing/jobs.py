"""What happens without anybody pressing a button. Each job may run twice or late: a change is told once, whoever says it."""

from functools import partial

from webapp.desk import Desk

ENDING, TAX, WATCH = "announcing.ending", "announcing.tax", "announcing.watch"


def register(desk: Desk) -> None:
    desk.jobs.task(ENDING)(partial(ending, desk))
    desk.jobs.task(TAX)(partial(tax, desk))
    desk.jobs.task(WATCH)(partial(watch, desk))
    desk.jobs.periodic(ENDING, 59)
    desk.jobs.periodic(TAX, 59)
    desk.jobs.periodic(WATCH, 1)


def ending(desk: Desk) -> None:
    """Tell those who run an offer that it ends in a few days."""
    from webapp.announcing import clockwork

    clockwork.offers_ending(desk)


def tax(desk: Desk) -> None:
    """Remind those whose tax form is missing."""
    from webapp.announcing import clockwork

    clockwork.tax_forms_missing(desk)


def watch(desk: Desk) -> None:
    """Tell the team of messages that did not reach everybody, and of servers that were paused by themselves."""
    from webapp.announcing import clockwork

    clockwork.trouble(desk)
