"""The counters of a mailing. They move by delta in the transaction that moves the rows; an audit counts the rows."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import bindparam, case, func, select, update
from sqlalchemy.orm import Session

from webapp.db import UtcDateTime
from webapp.mail.models import Mailing, OutboxMail
from webapp.mail.outbox.bulk import execute_many
from webapp.mail.states import FINAL, MailingState, State

UNFINISHED = (State.QUEUED, State.SENDING, State.DEFERRED)
_TABLE = Mailing.__table__
_MOVE = (
    update(_TABLE)  # type: ignore[arg-type]
    .where(_TABLE.c.id == bindparam("of_id"))
    .values({state.value: _TABLE.c[state.value] + bindparam(state.value) for state in State})
)
_FINISH = (
    update(_TABLE)  # type: ignore[arg-type]
    .where(_TABLE.c.id == bindparam("of_id"), *(_TABLE.c[state.value] == 0 for state in UNFINISHED))
    .values(
        state=case(
            (_TABLE.c.state == MailingState.CANCELLED.value, _TABLE.c.state),
            ((_TABLE.c.failed > 0) | (_TABLE.c.unknown > 0), MailingState.FINISHED_WITH_FAILURES.value),
            else_=MailingState.FINISHED.value,
        ),
        finished_at=func.coalesce(_TABLE.c.finished_at, bindparam("now", type_=UtcDateTime)),
    )
)


class Deltas:
    """How many rows of each mailing moved from where to where in this transaction."""

    def __init__(self) -> None:
        self._moves: dict[int, Counter[str]] = {}
        self._revived: set[int] = set()
        self._ended: set[int] = set()

    def move(self, mailing_id: int | None, before: str, after: str, count: int = 1) -> None:
        if mailing_id is None or before == after:
            return
        moves = self._moves.get(mailing_id)
        if moves is None:
            moves = self._moves[mailing_id] = Counter()
        moves[before] -= count
        moves[after] += count
        if before in FINAL and after not in FINAL:
            self._revived.add(mailing_id)
        if after in FINAL:
            self._ended.add(mailing_id)

    def apply(self, session: Session, now: datetime) -> None:
        """Write the counters, in the order of the ids so that two transactions never wait for each other."""
        changes = [
            {"of_id": mailing_id, **{state.value: moves[state] for state in State}}
            for mailing_id, moves in sorted(self._moves.items())
        ]
        execute_many(session.connection(), _MOVE, changes, in_order=True)
        if self._revived:
            _reopen(session, self._revived)
        if self._ended:
            finish(session, self._ended, now)


def _reopen(session: Session, mailing_ids: Iterable[int]) -> None:
    """A mail that was held as unknown has to leave after all: its mailing is not over."""
    for mailing_id in sorted(mailing_ids):
        session.execute(
            update(Mailing)
            .where(Mailing.id == mailing_id, Mailing.finished_at.is_not(None))
            .values(
                state=case(
                    (Mailing.state == MailingState.CANCELLED.value, Mailing.state),
                    else_=MailingState.RUNNING.value,
                ),
                finished_at=None,
            )
            .execution_options(synchronize_session=False)
        )


def finish(session: Session, mailing_ids: Iterable[int], now: datetime) -> None:
    """Say *finished* of those mailings whose every row is final; a late answer may turn failures into success."""
    ended = [{"of_id": mailing_id, "now": now} for mailing_id in sorted(mailing_ids)]
    if ended:
        session.connection().execute(_FINISH, ended)


def counted(session: Session, mailing_id: int) -> dict[str, int]:
    """The rows of a mailing by state, counted one by one: slow, exact."""
    rows = session.execute(
        select(OutboxMail.state, func.count())
        .where(OutboxMail.mailing_id == mailing_id)
        .group_by(OutboxMail.state)
    )
    found = dict(rows.all())
    return {state.value: found.get(state.value, 0) for state in State}


def audit_counters(session: Session, mailing_id: int) -> dict[str, tuple[int, int]]:
    """Where counters and rows differ: state → (counter, rows). Empty when all is well."""
    mailing = session.get_one(Mailing, mailing_id, populate_existing=True)
    real = counted(session, mailing_id)
    return {
        state: (getattr(mailing, state), count)
        for state, count in real.items()
        if getattr(mailing, state) != count
    }


def as_counts(mailing: Mailing) -> Mapping[str, int]:
    """The counters as the command line and the pages print them."""
    return {state.value: getattr(mailing, state.value) for state in State}
