"""The parent's way to the database: a piece of work is done whole, or it is tried again a little later."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

SHORTEST, LONGEST = 0.2, 5.0
T = TypeVar("T")
log = logging.getLogger("offerpost.sender")


class Closed(Exception):
    """The database cannot be used just now. `words` say why, for the pages."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class Books:
    """Reads and writes in transactions of their own. After a failure it waits, longer each time, before it tries again."""

    def __init__(self, reading: sessionmaker[Session], writing: sessionmaker[Session]) -> None:
        self._reading, self._writing = reading, writing
        self._pause, self._again_at = SHORTEST, 0.0
        self.words = ""

    @property
    def closed(self) -> bool:
        return bool(self.words)

    def read(self, work: Callable[[Session], T]) -> T:
        with self._reading() as session:
            return self._done(lambda: work(session))

    def write(self, work: Callable[[Session], T]) -> T:
        def committed() -> T:
            with self._writing.begin() as session:
                return work(session)

        return self._done(committed)

    def _done(self, work: Callable[[], T]) -> T:
        if time.monotonic() < self._again_at:
            raise Closed(self.words)
        try:
            value = work()
        except DBAPIError as error:
            self._again_at = time.monotonic() + self._pause
            self._pause = min(self._pause * 2, LONGEST)
            self.words = _words(error)
            log.warning("the database can't be used: %s", type(error.orig).__name__)
            raise Closed(self.words) from error
        self._pause, self._again_at, self.words = SHORTEST, 0.0, ""
        return value


def _words(error: DBAPIError) -> str:
    said = str(error.orig).lower()
    if "full" in said or "no space" in said:
        return "Nothing is being sent: the disk is full. Make room; sending goes on by itself."
    if "locked" in said:
        return "Nothing is being sent: the database is locked by another program."
    return "Nothing is being sent: the database can't be reached."
