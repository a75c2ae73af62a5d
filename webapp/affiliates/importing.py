"""Takes a whole file in: first as a check that writes nothing, then for good, in batches that each commit.

A batch, its counts and how far the file is read are committed together. So an import that was killed goes on where it
stopped, and one that is started again finds everything the same.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.affiliates.mapping import Mapped
from webapp.affiliates.models import Affiliate, AffiliateGroup
from webapp.affiliates.plan import Batch, Change, Importer, Known, Planner, Refused
from webapp.affiliates.reading import Row, Table, rows
from webapp.affiliates.seen import Seen
from webapp.db import utcnow
from webapp.mail.models import Suppression

AT_ONCE = 500
SAMPLES = 50
TRIES = 3

Sessions = Callable[[], AbstractContextManager[Session]]
Committing = Callable[[int, Session, Batch], None]
_TABLE: Any = Affiliate.__table__


@dataclass
class Findings:
    """What a file comes to, so far."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    refused: int = 0
    missing: int = 0
    new_addresses: int = 0
    suppressed_addresses: int = 0
    stored: int = 0  # affiliates that we have and the file names
    changes: list[Change] = field(default_factory=list)
    added: list[dict[str, str]] = field(default_factory=list)
    refusals: list[Refused] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        names = ("rows", "new", "changed", "same", "refused", "missing")
        return {name: getattr(self, name) for name in names}

    def add(self, batch: Batch) -> None:
        self.rows += batch.rows
        self.new += len(batch.added)
        self.changed += len(batch.changed)
        self.same += batch.same
        self.refused += batch.refused_rows
        self.stored += len(batch.changed) + batch.same + batch.refused_stored
        self.new_addresses += len(batch.old_addresses)
        self.changes += batch.changes[: max(0, SAMPLES - len(self.changes))]
        self.added += batch.added[: max(0, SAMPLES - len(self.added))]
        self.refusals += batch.refused[: max(0, SAMPLES - len(self.refusals))]


def check(
    sessions: Sessions,
    table: Table,
    mapping: Mapped,
    importer: Importer,
    *,
    refused: Callable[[Refused], None] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Findings:
    """What the import of a file would do. Changes nothing; `refused` gets every row that would stay out."""
    findings = Findings()
    with closing(Seen()) as seen:
        planner = _planner(sessions, mapping, importer, seen)
        for some in _batches(rows(table)):
            seen.mark()
            with sessions() as session:
                batch = planner.plan(session, some)
                findings.suppressed_addresses += _suppressed(session, batch.old_addresses)
            findings.add(batch)
            if refused:
                for each in batch.refused:
                    refused(each)
            if progress:
                progress(findings.rows)
    with sessions() as session:
        findings.missing = max(0, _stored(session, importer) - findings.stored)
    return findings


def take_in(
    sessions: Sessions,
    table: Table,
    mapping: Mapped,
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
        planner = _planner(sessions, mapping, importer, seen)
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
                _write(session, planner, batch)
                committing(session, batch)
            return batch
        except IntegrityError:
            # Somebody added the same affiliate, or deleted the group, between our look and our write: look again.
            if attempt == TRIES:
                raise
            planner.seen.back_to_mark()
            with sessions() as session:
                planner.known = Known.read(session)
    raise AssertionError("unreachable")


def _write(session: Session, planner: Planner, batch: Batch) -> None:
    _make_groups(session, planner.known, batch)
    if batch.added:
        session.execute(insert(_TABLE), [_columns(values, planner.known) for values in batch.added])
    if batch.changed:
        changed = [{"key": key, **_columns(values, planner.known)} for key, values in batch.changed]
        names = [name for name in changed[0] if name != "key"]
        statement = update(_TABLE).where(_TABLE.c.id == bindparam("key"))
        values: dict[str, Any] = {name: bindparam(name) for name in names}
        session.connection().execute(statement.values(**values, changed_at=utcnow()), changed)


def _columns(values: dict[str, str], known: Known) -> dict[str, Any]:
    """The values of a row as columns of the table."""
    columns: dict[str, Any] = {**values, "address": values["email"].lower()}
    if "affiliate_id" in columns:
        columns["affiliate_id"] = columns["affiliate_id"] or None
    if "group" in columns:
        columns["group_id"] = known.groups.get(columns.pop("group").casefold())
    if "manager_email" in columns:
        columns["manager_id"] = known.managers.get(columns.pop("manager_email"))
    return columns


def _make_groups(session: Session, known: Known, batch: Batch) -> None:
    every = [*batch.added, *(values for _, values in batch.changed)]
    wanted = {name.casefold(): name for values in every if (name := values.get("group"))}
    for folded, name in wanted.items():
        if folded in known.groups:
            continue
        group = AffiliateGroup(name=name)
        session.add(group)
        session.flush()
        known.groups[folded], known.group_names[group.id] = group.id, name


def _planner(sessions: Sessions, mapping: Mapped, importer: Importer, seen: Seen) -> Planner:
    with sessions() as session:
        return Planner(mapping, importer, Known.read(session), seen)


def _batches(every: Iterator[Row]) -> Iterator[list[Row]]:
    while some := list(islice(every, AT_ONCE)):
        yield some


def _stored(session: Session, importer: Importer) -> int:
    query = select(func.count(Affiliate.id))
    if importer.own is not None:
        query = query.where(Affiliate.manager_id == importer.own)
    return session.scalar(query) or 0


def _suppressed(session: Session, addresses: list[str]) -> int:
    if not addresses:
        return 0
    query = select(func.count(Suppression.address.distinct())).where(Suppression.address.in_(addresses))
    return session.scalar(query) or 0
