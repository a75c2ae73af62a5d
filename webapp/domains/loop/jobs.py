"""The loop test beside the pages: a few looks in a row, then others have their turn; a sweep each minute until it is over."""

import logging
from datetime import timedelta
from functools import partial

from webapp.db import utcnow
from webapp.desk import Desk

log = logging.getLogger("offerpost.domains")

WATCH, SWEEP = "domains.watch_loop_test", "domains.sweep_loop_tests"
LOOKS, PAUSE = 4, 1.5  # looks of one run, seconds between them
EAGER = timedelta(minutes=1)  # so long run follows run


def register(desk: Desk) -> None:
    desk.jobs.task(WATCH)(partial(watch, desk))
    desk.jobs.task(SWEEP)(partial(sweep, desk))
    desk.jobs.periodic(SWEEP, 1)


def watch(desk: Desk, number: int) -> None:
    """Look whether the mail has come. Twice at once harms nothing."""
    from webapp.domains.loop.looking import look
    from webapp.domains.models import LoopTest

    for turn in range(LOOKS):
        if (turn and desk.jobs.stopping.wait(PAUSE)) or look(desk, number):
            return
    with desk.reading() as session:
        eager = utcnow() - session.get_one(LoopTest, number).at < EAGER
    if eager:
        desk.jobs.enqueue(WATCH, number=number)


def sweep(desk: Desk) -> None:
    """One look at each test that is open: those whose process died, and those whose mail takes its time. One that fails
    holds up no other.
    """
    from webapp.domains.loop import store
    from webapp.domains.loop.looking import look
    from webapp.setbacks.work import Pieces

    with desk.reading() as session:
        numbers = store.open_numbers(session)
    pieces = Pieces(desk, SWEEP)
    for number in numbers:
        if desk.jobs.stopping.is_set():
            return
        with pieces.apart(f"live test #{number}"):
            look(desk, number)
