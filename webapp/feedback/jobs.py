"""Work on returned mail that is done beside the pages."""

import logging
from functools import partial

from webapp.desk import Desk

log = logging.getLogger("offerpost.feedback")

SWEEP = "feedback.read_what_is_left"
LOOK = "feedback.look_into_the_mailbox"
FETCH = "feedback.fetch"
GROUP = 100


def register(desk: Desk) -> None:
    desk.jobs.task(SWEEP)(partial(read_what_is_left, desk))
    desk.jobs.periodic(SWEEP, 5)
    desk.jobs.task(FETCH)(partial(fetch, desk))
    desk.jobs.task(LOOK)(partial(look, desk))
    desk.jobs.periodic(LOOK, 1)


def look(desk: Desk) -> None:
    """Fetch from the mailbox when it is time."""
    from webapp.feedback.mailbox.settings import is_due

    with desk.reading() as session:
        due = is_due(session)
    if due:
        fetch(desk)


def fetch(desk: Desk) -> None:
    """Take in what is new in the mailbox; the next look goes on where this one ends."""
    from webapp.feedback.mailbox.fetching import fetch
    from webapp.feedback.reader_process import PatientReader

    with PatientReader() as reader:
        done = fetch(desk, reader)
    if done.trouble:
        log.warning("the mailbox of returned mail could not be read: %s", done.trouble)
    elif done.mails:
        log.info("%s mails were fetched from the mailbox", done.mails)


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
