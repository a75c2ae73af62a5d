"""The job that clears away; nothing is lost when it is, since it comes again."""

import logging
from functools import partial

from webapp.desk import Desk

log = logging.getLogger("offerpost.retention")

CLEAR = "retention.clear"


def register(desk: Desk) -> None:
    desk.jobs.task(CLEAR)(partial(clear, desk))
    desk.jobs.periodic(CLEAR, 30)


def clear(desk: Desk) -> None:
    from webapp.retention import clearing

    gone = clearing.clear(desk, desk.jobs.stopping)
    if gone:
        log.info("cleared away: %s", ", ".join(f"{count} rows by {name}" for name, count in gone.items()))
