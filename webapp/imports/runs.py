"""The life of an import: uploaded → checked → importing → done, or failed with a sentence. What a person sees of it."""

import errno
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import IO, Any

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.db import utcnow
from webapp.errors import Conflict, Invalid, NotAllowed, NotFound
from webapp.imports import mapping as columns
from webapp.imports.importing import Findings
from webapp.imports.kinds import Kind, kind_of, splitter
from webapp.imports.models import ImportRun
from webapp.imports.reading import Table, open_table

SMALL = 2 * 1024 * 1024  # a file up to this size is checked while the person waits
UNDER_WAY = ("checking", "importing")
KEEP_DAYS = 7
LISTED = "affiliates"  # the list whose pages also take files that hold several lists


def upload(session: Session, spool: Path, user: User, kind: Kind, name: str, stream: IO[bytes]) -> ImportRun:
    """Keep an uploaded file and find out how to read it. Whatever else the user left unfinished is forgotten."""
    busy = session.scalar(_of(user).where(ImportRun.state.in_(UNDER_WAY)))
    if busy:
        words = f"Your import of {busy.file_name} is still under way. Wait until it is done, then choose the next file."
        raise Invalid({"file": words})
    # Not deleted: a number that comes back would let an old page start the import of another file.
    session.execute(
        update(ImportRun)
        .where(ImportRun.user_id == user.id, ImportRun.state.in_(("uploaded", "checked")))
        .values(state="failed", detail="Another file was chosen instead.")
    )
    path = _keep(spool, stream)
    try:
        if kind.slug == LISTED and splitter().is_listing(path):
            return _upload_parts(session, spool, user, path, name)
        return _new_run(session, user, kind, path, name)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _keep(spool: Path, stream: IO[bytes]) -> Path:
    path = spool / f"import-{secrets.token_hex(12)}.csv"
    path.touch(mode=0o600)
    try:
        with path.open("wb") as file:
            copyfileobj(stream, file)
    except OSError as error:
        path.unlink(missing_ok=True)
        if error.errno != errno.ENOSPC:
            raise
        words = "The disk of this server is full, so the file was not kept. Ask the operator to make room."
        raise Invalid({"file": words}) from error
    return path


def _new_run(
    session: Session, user: User, kind: Kind, path: Path, name: str, leaves_out: tuple[str, ...] = ()
) -> ImportRun:
    table = open_table(path, kind.columns)
    run = ImportRun(kind=kind.slug, user_id=user.id, file_name=name[:200] or "file.csv", spool_name=path.name)
    run.found = {
        "header": list(table.header),
        "words": table.words,
        "encoding": table.encoding,
        "encoding_name": table.encoding_name,
        "delimiter": table.delimiter,
    }
    chosen = columns.found(session, table.header, kind)
    run.mapping = {field: number for field, number in chosen.items() if field not in leaves_out}
    session.add(run)
    session.flush()
    return run


def _upload_parts(session: Session, spool: Path, user: User, path: Path, name: str) -> ImportRun:
    """A run for each list in the file that the user may import; each names the one that comes after it."""
    runs = []
    with TemporaryDirectory(dir=spool) as folder:
        for part in splitter().split(session, path, Path(folder)):
            kind = kind_of(part.slug)
            try:
                kind.importer(user)
            except NotAllowed:
                continue
            with part.path.open("rb") as file:
                kept = _keep(spool, file)
            runs.append(_new_run(session, user, kind, kept, name, part.leaves_out))
    path.unlink(missing_ok=True)
    for run, after in pairwise(runs):
        run.found = {**run.found, "next": {"kind": after.kind, "key": after.id}}
    session.flush()
    return runs[0]


def get(session: Session, user: User, kind: Kind, run_id: int) -> ImportRun:
    """One of the user's own imports of this kind."""
    run = session.scalar(_of(user).where(ImportRun.id == run_id, ImportRun.kind == kind.slug))
    if run is None:
        raise NotFound("There is no such import of yours.")
    return run


def unfinished(session: Session, user: User, kind: Kind) -> ImportRun | None:
    """The import that the user should be led back to."""
    wanted = _of(user).where(ImportRun.kind == kind.slug, ImportRun.state.in_((*UNDER_WAY, "checked")))
    return session.scalar(wanted.order_by(ImportRun.id.desc()).limit(1))


def choose_columns(session: Session, run: ImportRun, mapping: Mapping[str, int]) -> None:
    """Set which column is which field, and remember it for the next file with this header."""
    if run.state not in ("uploaded", "checked", "failed"):
        raise Conflict("The import has begun; its columns can't be changed any more.")
    kind = kind_of(run.kind)
    run.mapping = columns.check(mapping, run.found["header"], kind.columns)
    columns.remember(session, run.found["header"], run.mapping, kind)
    run.state, run.detail, run.done_rows = "checking", "", 0
    session.flush()


def checked(session: Session, run: ImportRun, findings: Findings) -> None:
    """Keep what a check found."""
    run.found = {**run.found, "check": as_found(findings)}
    run.total_rows, run.done_rows, run.state = findings.rows, 0, "checked"
    session.flush()


def start(session: Session, user: User, run: ImportRun) -> None:
    """Let a checked import begin, or a failed one go on. Enqueue `jobs.IMPORT` after the commit."""
    if run.state == "failed" and "check" in run.found:
        values: dict[str, Any] = {"state": "importing", "detail": ""}
    else:
        fresh = {name: value for name, value in run.found.items() if name not in ("result", "refused_size")}
        values = {"state": "importing", "done_rows": 0, "found": fresh}
    begun = session.connection().execute(
        update(ImportRun)
        .where(ImportRun.id == run.id, ImportRun.state.in_(("checked", "failed")))
        .values(**values)
    )
    if not begun.rowcount or "check" not in run.found:
        raise Conflict("The import has already been started, or its file was never checked.")
    audit.record(session, user, f"import {run.kind}", run.file_name, **run.found["check"]["counts"])
    session.expire(run)


def finish(session: Session, run: ImportRun, state: str, detail: str = "") -> None:
    run.state, run.detail, run.finished_at = state, detail, utcnow()
    session.flush()


def as_found(findings: Findings) -> dict[str, Any]:
    """Findings as they are kept in a run."""
    return {
        "counts": findings.counts,
        "remarks": findings.remarks,
        "changes": [asdict(change) for change in findings.changes],
        "added": findings.added,
        "refusals": [asdict(refused) for refused in findings.refusals],
    }


def table_of(run: ImportRun, spool: Path) -> Table:
    """The run's file; raises `Invalid` when it is gone."""
    path = spool / run.spool_name
    if not path.exists():
        raise Invalid(
            {"file": f"The uploaded file isn't kept longer than {KEEP_DAYS} days. Upload it again."}
        )
    found = run.found
    return Table(path, found["encoding"], found["encoding_name"], found["delimiter"], tuple(found["header"]))


def size(run: ImportRun, spool: Path) -> int:
    """Bytes of the uploaded file."""
    return table_of(run, spool).path.stat().st_size


def refusals_path(run: ImportRun, spool: Path) -> Path:
    """Where the rows that stayed out are written, as CSV."""
    return spool / f"{run.spool_name.removesuffix('.csv')}-refused.csv"


def tidy(session: Session, spool: Path) -> None:
    """Delete files that nobody will come back for."""
    oldest = utcnow() - timedelta(days=KEEP_DAYS)
    kept = set(session.scalars(select(ImportRun.spool_name).where(ImportRun.created_at >= oldest)))
    for path in spool.glob("import-*.csv"):
        if path.name.replace("-refused", "") not in kept:
            path.unlink(missing_ok=True)


def _of(user: User) -> Select[ImportRun]:
    return select(ImportRun).where(ImportRun.user_id == user.id)
