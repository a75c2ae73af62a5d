"""Takes a whole file in: first as a check that writes nothing, then for good, in batches that each commit.

A batch, its counts and how far the file is read are committed together. So an import that was killed goes on where it
stopped, and one that is started again finds everything the same.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.imports.kinds import Kind, Mapped
from webapp.imports.plan import Batch, Change, Importer, Planner, Refused
from webapp.imports.reading import Row, Table, rows
from webapp.imports.seen import Seen

AT_ONCE = 500
SAMPLES = 50
TRIES = 3

Sessions = Callable[[], AbstractContextManager[Session]]
Committing = Callable[[int, Session, Batch], None]


@dataclass
class Findings:
    """What a file comes to, so far."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    refused: int = 0
    missing: int = 0
    stored: int = 0  # things that we have and the file names
    remarks: dict[str, int] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    added: list[dict[str, str]] = field(default_factory=list)
    refusals: list[Refused] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        names = ("rows", "new", "changed", "same", "refused", "missing")
        return {name: getattr(self, name) for name in names}

    def remark(self, counts: dict[str, int]) -> None:
        self.remarks = {name: self.remarks.get(name, 0) + count for name, count in counts.items()}

    def add(self, batch: Batch) -> None:
        self.rows += batch.rows
        self.new += len(batch.added)
        self.changed += len(batch.changed)
        self.same += batch.same
        self.refused += batch.refused_rows
        self.stored += len(batch.changed) + batch.same + batch.refused_stored
        self.changes += batch.changes[: max(0, SAMPLES - len(self.changes))]
        self.added += batch.added[: max(0, SAMPLES - len(self.added))]
        self.refusals += batch.refused[: max(0, SAMPLES - len(self.refusals))]


def check(
    sessions: Sessions,
    table: Table,
    mapping: Mapped,
    kind: Kind,
    importer: Importer,
    *,
    refused: Callable[[Refused], None] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Findings:
    """What the import of a file would do. Changes nothing; `refused` gets every row that would stay out."""
    findings = Findings()
    with closing(Seen()) as seen:
        planner = _planner(sessions, mapping, kind, importer, seen)
        for some in _batches(rows(table)):
            seen.mark()
            with sessions() as session:
                batch = planner.plan(session, some)
                findings.remark(planner.remarks(session, batch))
            findings.add(batch)
            if refused:
                for each in batch.refused:
                    refused(each)
            if progress:
                progress(findings.rows)
    with sessions() as session:
        findings.missing = max(0, kind.stored(session, importer) - findings.stored)
    return findings


def take_in(
    sessions: Sessions,
    table: Table,
    mapping: Mapped,
    kind: Kind,
    importer: Importer,
    *,
    skip: int = 0,
    committing: Committing | None = None,
) -> Iterator[Batch]:
    """Import a file and yield what became of each batch. Mails nobody.

    `committing` is called in the transaction of each batch with the number of rows read; an import that goes on gives that
    number as `skip`. It may raise, to say that the import is no longer ours: the batch is then rolled back.
    """
    with closing(Seen()) as seen:
        planner = _planner(sessions, mapping, kind, importer, seen)
        read = 0
        for some in _batches(rows(table)):
            read += len(some)
            if read > skip:
                yield _take(sessions, planner, some, partial(committing or _nothing, read))
                continue
            seen.mark()
            for row in some:  # so that later lines are compared with these as well
                planner.read(row, Batch())


def _nothing(_read: int, _session: Session, _batch: Batch) -> None:
    pass


def _take(
    sessions: Sessions, planner: Planner, some: list[Row], committing: Callable[[Session, Batch], None]
) -> Batch:
    for attempt in range(1, TRIES + 1):
        planner.seen.mark()
        try:
            with sessions() as session:
                batch = planner.plan(session, some)
                planner.write(session, batch)
                committing(session, batch)
            return batch
        except IntegrityError:
            # Somebody added the same, or deleted what it refers to, between our look and our write: look again.
            if attempt == TRIES:
                raise
            planner.seen.back_to_mark()
            with sessions() as session:
                planner.refresh(session)
    raise AssertionError("unreachable")


def _planner(sessions: Sessions, mapping: Mapped, kind: Kind, importer: Importer, seen: Seen) -> Planner:
    with sessions() as session:
        return kind.planner(session, mapping, importer, seen)


def _batches(every: Iterator[Row]) -> Iterator[list[Row]]:
    while some := list(islice(every, AT_ONCE)):
        yield some
