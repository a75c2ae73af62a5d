"""The jobs of imports: checking a large file, taking a file in, finding what a killed process left, tidying up."""

import logging
from collections.abc import Callable
from functools import partial

from sqlalchemy import select

from webapp.desk import Desk
from webapp.errors import DomainError
from webapp.imports.models import ImportRun

log = logging.getLogger("offerpost.imports")

CHECK, IMPORT, SWEEP, TIDY = "imports.check", "imports.import", "imports.sweep", "imports.tidy"

Step = Callable[[Desk, int], None]


def register(desk: Desk) -> None:
    """Make the jobs known to the queue of this instance. What they need is loaded when they run."""
    desk.jobs.task(CHECK)(partial(check, desk))
    desk.jobs.task(IMPORT)(partial(take_in, desk))
    desk.jobs.task(SWEEP)(partial(sweep, desk))
    desk.jobs.task(TIDY)(partial(tidy, desk))
    desk.jobs.periodic(SWEEP, 1)
    desk.jobs.periodic(TIDY, 59)


def check(desk: Desk, run_id: int) -> None:
    """Find out what an import would do."""
    from webapp.imports.progress import check_run

    _guarded(desk, check_run, run_id)


def take_in(desk: Desk, run_id: int) -> None:
    """Take a file in, from where the import stands."""
    from webapp.imports.progress import import_run

    _guarded(desk, import_run, run_id)


def sweep(desk: Desk) -> None:
    """Queue again what a killed process left half done. Doing a thing twice harms nothing: see `progress`."""
    with desk.reading() as session:
        left = session.execute(
            select(ImportRun.id, ImportRun.state).where(ImportRun.state.in_(("checking", "importing")))
        ).all()
    for run_id, state in left:
        desk.jobs.enqueue(CHECK if state == "checking" else IMPORT, run_id=run_id)


def tidy(desk: Desk) -> None:
    """Delete uploaded files that are past their time."""
    from webapp.imports import runs

    with desk.reading() as session:
        runs.tidy(session, desk.config.spool)


def _guarded(desk: Desk, step: Step, run_id: int) -> None:
    """Whatever goes wrong ends in a state that a person can read and act on."""
    try:
        step(desk, run_id)
    except DomainError as error:
        _fail(desk, run_id, str(error))
    except Exception:
        log.exception("import %s stopped", run_id)
        _fail(desk, run_id, "A fault of ours stopped it; the operator finds the cause in the log.")


def _fail(desk: Desk, run_id: int, words: str) -> None:
    from webapp.imports import runs

    with desk.session() as session:
        runs.finish(session, session.get_one(ImportRun, run_id), "failed", words)
