"""Work on returned mail that is done beside the pages."""

import logging
from functools import partial

from webapp.desk import Desk

log = logging.getLogger("offerpost.feedback")

SWEEP = "feedback.read_what_is_left"
GROUP = 100


def register(desk: Desk) -> None:
    desk.jobs.task(SWEEP)(partial(read_what_is_left, desk))
    desk.jobs.periodic(SWEEP, 5)


def read_what_is_left(desk: Desk) -> None:
    """Act on mails that were stored by a process that did not live to read them."""
    from webapp.feedback.intake import left_lying, work_off
    from webapp.feedback.reader_process import PatientReader

    with PatientReader() as reader:
        while not desk.jobs.stopping.is_set():
            with desk.reading() as session:
                numbers = left_lying(session, GROUP)
            for number in numbers:
                work_off(desk, number, reader=reader)
                log.info("returned mail %s had been left lying; it is worked off now", number)
            if len(numbers) < GROUP:
                return
