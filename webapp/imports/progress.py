"""Carries an import on and writes down how far it is, in the transaction of each batch.

Two processes may carry the same import on (a sweep can't know that the first one lives). The number of rows read is the
fence: a batch only commits over the number it began with, so the slower one loses its batch and ends.
"""

import os
from typing import BinaryIO

from sqlalchemy import update
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.desk import Desk
from webapp.errors import Invalid
from webapp.imports import runs
from webapp.imports.cells import refusals
from webapp.imports.importing import Findings, check, take_in
from webapp.imports.kinds import Kind, kind_of
from webapp.imports.models import ImportRun
from webapp.imports.plan import Batch, Importer, Refused


class NotOurs(Exception):
    """Another process carries the same import on."""


def check_run(desk: Desk, run_id: int) -> None:
    """Find out what a run would do, and write the rows that would stay out into its own file."""
    run, kind, importer = _open(desk, run_id)
    path = runs.refusals_path(run, desk.config.spool)
    new = path.with_suffix(f".{os.getpid()}.new")
    with new.open("w", encoding="utf-8", newline="") as file:
        file.writelines(refusals([]))

        def refused(each: Refused) -> None:
            file.writelines(refusals([each], header=False))

        findings = check(
            desk.reading,
            runs.table_of(run, desk.config.spool),
            run.mapping,
            kind,
            importer,
            refused=refused,
            progress=lambda read: _progress(desk, run_id, read),
        )
    new.replace(path)
    with desk.session() as session:
        fresh = session.get_one(ImportRun, run_id)
        if fresh.state == "checking":
            runs.checked(session, fresh, findings)


def import_run(desk: Desk, run_id: int) -> None:
    """Take a run's file in from where it stands, until the end or until this process is asked to leave off."""
    run, kind, importer = _open(desk, run_id)
    if run.state != "importing":
        return
    with _refusals_file(desk, run) as file:
        ledger = _Ledger(run, file)
        batches = take_in(
            desk.session,
            runs.table_of(run, desk.config.spool),
            run.mapping,
            kind,
            importer,
            skip=run.done_rows,
            committing=ledger.enter,
        )
        try:
            for _ in batches:
                if desk.jobs.stopping.is_set():
                    return
        except NotOurs:
            return
        file.truncate(ledger.size)
    with desk.session() as session:
        fresh = session.get_one(ImportRun, run_id)
        if fresh.state == "importing":
            runs.finish(session, fresh, "done")


class _Ledger:
    """The counts of a running import, its fence, and the file of the rows that stayed out."""

    def __init__(self, run: ImportRun, file: BinaryIO) -> None:
        self._run, self._file = run, file
        self._read = run.done_rows
        self.counts: dict[str, int] = run.found.get("result") or Findings().counts
        self.size: int = run.found.get("refused_size", 0)

    def enter(self, read: int, session: Session, batch: Batch) -> None:
        """Called in the batch's transaction; the file is written last, so that only the winner of the fence writes."""
        counts = _added(self.counts, batch)
        text = "".join(
            [*(refusals([]) if not self._read else ()), *refusals(batch.refused, header=False)]
        ).encode()
        found = {**self._run.found, "result": counts, "refused_size": self.size + len(text)}
        moved = session.connection().execute(
            update(ImportRun)
            .where(
                ImportRun.id == self._run.id,
                ImportRun.state == "importing",
                ImportRun.done_rows == self._read,
            )
            .values(done_rows=read, found=found)
        )
        if not moved.rowcount:
            raise NotOurs
        self._file.seek(self.size)
        self._file.write(text)
        self._file.flush()
        self._read, self.counts, self.size = read, counts, self.size + len(text)


def _added(counts: dict[str, int], batch: Batch) -> dict[str, int]:
    findings = Findings()
    findings.add(batch)
    return {name: count + findings.counts[name] for name, count in counts.items()}


def _open(desk: Desk, run_id: int) -> tuple[ImportRun, Kind, Importer]:
    with desk.reading() as session:
        run = session.get_one(ImportRun, run_id)
        user = session.get(User, run.user_id) if run.user_id else None
    if user is None:
        raise Invalid({"user": "The user who began it is gone. Somebody else has to import the file again."})
    kind = kind_of(run.kind)
    return run, kind, kind.importer(user)


def _progress(desk: Desk, run_id: int, read: int) -> None:
    with desk.session() as session:
        session.execute(update(ImportRun).where(ImportRun.id == run_id).values(done_rows=read))


def _refusals_file(desk: Desk, run: ImportRun) -> BinaryIO:
    path = runs.refusals_path(run, desk.config.spool)
    path.touch(mode=0o600)
    return path.open("r+b")
