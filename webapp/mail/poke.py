"""Tells the sender that something has changed, without waiting for its next look at the database.

A change is marked on the session and announced after its commit: a number in the spool is changed, which the processes
that send look at before each message body, and the senders of this machine are woken.
"""

import os
import time
from contextlib import suppress
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

GENERATION = "generation"
FIFO = "poke"
_SPOOL, _MARK = "offerpost.spool", "offerpost.poke"


def attach(maker: sessionmaker[Session], spool: Path) -> None:
    """Let every session of `maker` that was marked by `soon` poke the senders when it has committed."""
    maker.configure(info={**maker.kw.get("info", {}), _SPOOL: spool})
    event.listen(maker, "after_commit", _committed)
    event.listen(maker, "after_rollback", _rolled_back)


def soon(session: Session) -> None:
    """Poke the senders after the commit of this session."""
    session.info[_MARK] = True


def poke(spool: Path) -> None:
    """Change the number and wake the senders; harmless when none is running."""
    descriptor = os.open(spool / GENERATION, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.pwrite(descriptor, time.time_ns().to_bytes(8, "little"), 0)
    finally:
        os.close(descriptor)
    for fifo in spool.glob(f"sender-*/{FIFO}"):
        with suppress(OSError):  # nobody reads it, or it is full, so its reader is awake already
            _ring(fifo)


def _ring(fifo: Path) -> None:
    descriptor = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
    try:
        os.write(descriptor, b"!")
    finally:
        os.close(descriptor)


def _committed(session: Session) -> None:
    spool = session.info.get(_SPOOL)
    if session.info.pop(_MARK, False) and spool is not None:
        with suppress(OSError):  # the senders look for themselves twice a second
            poke(spool)


def _rolled_back(session: Session) -> None:
    session.info.pop(_MARK, None)
