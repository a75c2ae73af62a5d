"""Does the pieces of a job so that one that fails stops none of the others: each in a transaction of its own."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from secrets import token_hex
from typing import TypeVar

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.announce import Happening, announce
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.errors import DomainError, Invalid
from webapp.setbacks.models import Setback

log = logging.getLogger("offerpost.jobs")
Piece = TypeVar("Piece")
Result = TypeVar("Result")

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
TOLD_AT = 3  # failures in a row: what goes well by itself at the second try is nobody's business
EVENT = "staff_work_failed"
PAGE = "/account/background-work"


class Pieces:
    """The pieces of one run of a job. What failed before is left out until its pause is over."""

    def __init__(self, desk: Desk, job: str) -> None:
        self._desk, self._job = desk, job
        with desk.reading() as session:
            stored = select(Setback.item, Setback.next_at).where(Setback.job == job, Setback.item != "")
            self._next: dict[str, datetime] = dict(session.execute(stored).all())

    def do(self, item: str, work: Callable[[Session], Result]) -> Result | None:
        """What `work` gives. After a failure, and while its pause lasts, None: it is undone, written down, and raises nothing."""
        if not self._is_due(item):
            return None
        try:
            return self._work([item], work)
        except Exception as error:
            note(self._desk, self._job, item, error)
            return None

    @contextmanager
    def apart(self, item: str) -> Iterator[None]:
        """For work that has transactions of its own: its failure is written down and goes no further."""
        try:
            yield
        except Exception as error:
            note(self._desk, self._job, item, error)
        else:
            if item in self._next:
                with self._desk.session() as session:
                    _forget(session, self._job, item)

    def together(
        self, pieces: Mapping[str, Piece], work: Callable[[Session, Sequence[Piece]], object]
    ) -> None:
        """Do all that are due in one transaction; if that fails each by itself, which finds the one that is to blame."""
        due = {item: piece for item, piece in pieces.items() if self._is_due(item)}
        try:
            self._work(list(due), lambda session: work(session, list(due.values())))
        except Exception:
            log.warning("%s failed for %d at once; each is tried by itself", self._job, len(due))
            for item, piece in due.items():
                self.do(item, lambda session, piece=piece: work(session, [piece]))  # type: ignore[misc]

    def _is_due(self, item: str) -> bool:
        return self._next.get(item, utcnow()) <= utcnow()

    def _work(self, items: Sequence[str], work: Callable[[Session], Result]) -> Result:
        with self._desk.session() as session:
            result = work(session)
            for item in self._next.keys() & set(items):
                _forget(session, self._job, item)
        return result


@contextmanager
def watched(desk: Desk, job: str) -> Iterator[None]:
    """A whole job: its failure is written down and raised all the same."""
    try:
        yield
    except Exception as error:
        note(desk, job, "", error)
        raise
    with desk.reading() as session:
        stood = session.get(Setback, (job, ""))
    if stood is not None:
        with desk.session() as session:
            _forget(session, job, "")


def note(desk: Desk, job: str, item: str, error: Exception) -> None:
    """Write a failure down and tell the team of a lasting one; what can't even be written down stands in the log."""
    reference = token_hex(4).upper()
    log.error("%s %s failed (%s)", job, item, reference, exc_info=error)
    try:
        with desk.session() as session:
            failed = _count(session, job, item, _said(error), reference)
        if failed == TOLD_AT:
            with desk.session() as session:
                announce(session, Happening(EVENT, f"{job} {item} {utcnow():%Y-%m-%d}", page=PAGE))
    except Exception:
        log.exception("the failure of %s %s could not be written down", job, item)


def try_again(session: Session, job: str, item: str) -> bool:
    """Let the next run try it, however long its pause would be; False if it went well meanwhile."""
    found = session.get(Setback, (job, item))
    if found is not None:
        found.next_at = utcnow()
    return found is not None


def _count(session: Session, job: str, item: str, words: str, reference: str) -> int:
    found = session.get(Setback, (job, item), with_for_update=True)
    if found is None:
        found = Setback(job=job, item=item, failures=0)
        session.add(found)
    found.failures += 1
    found.words, found.reference, found.tried_at = words[:300], reference, utcnow()
    found.next_at = utcnow() + min(FIRST_PAUSE * 2 ** min(found.failures - 1, 12), LONGEST_PAUSE)
    return found.failures


def _forget(session: Session, job: str, item: str) -> None:
    session.execute(delete(Setback).where(Setback.job == job, Setback.item == item))


def _said(error: Exception) -> str:
    """Of a fault of ours only its kind: its text may hold what a person's row holds."""
    if isinstance(error, Invalid):
        return " ".join(error.problems.values())
    return str(error) if isinstance(error, DomainError) else f"A fault of ours: {type(error).__name__}."
