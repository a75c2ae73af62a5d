"""Starts a sender on this machine: at once, or as soon as the one before it has ended."""

import logging
import os
import threading

from webapp.db import keep_little
from webapp.mail.ports import RecipientValues, ServerDirectory
from webapp.mail.sender import memory, spool
from webapp.mail.sender.books import Closed
from webapp.mail.sender.office import Office, OpenedDesk
from webapp.mail.sender.parent import Parent

WAIT = 0.5
log = logging.getLogger("offerpost.sender")


def run_sender(
    desk: OpenedDesk,
    servers: ServerDirectory,
    values: RecipientValues,
    *,
    stop: threading.Event,
    processes: int | None = None,
) -> None:
    """Send until `stop` is set. With SQLite a second sender stands by and takes over when the first ends."""
    keep_little(desk.engine)
    office = Office(desk, servers, values, processes or desk.config.sender_processes)
    memory.settle()
    if not office.alone:
        _work(office, stop)
        return
    held = _wait_for_lock(desk, stop)
    if held is None:
        return
    try:
        _work(office, stop)
    finally:
        os.close(held)


def _work(office: Office, stop: threading.Event) -> None:
    """Begin as soon as the database can be written, then send until `stop` is set."""
    while not stop.is_set():
        try:
            parent = Parent(office)
        except Closed as closed:
            log.warning(closed.words)
            stop.wait(WAIT)
        else:
            return parent.run(stop)


def _wait_for_lock(desk: OpenedDesk, stop: threading.Event) -> int | None:
    path = desk.config.spool / "sender.lock"
    told = False
    while not stop.is_set():
        held = spool.lock(path)
        if held is not None:
            return held
        if not told:
            log.info("Another sender works for this instance; this one stands by.")
            told = True
        stop.wait(WAIT)
    return None
