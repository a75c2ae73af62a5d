"""Writes down what became of mails: rows, counters, evidence and suppressions in one transaction, fenced by the lease."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row, bindparam, null, select, text, update
from sqlalchemy.orm import Session

from webapp.among import among
from webapp.db import utcnow
from webapp.mail import suppressions
from webapp.mail.models import Attempt, Mailing, OutboxMail
from webapp.mail.outbox import evidence
from webapp.mail.outbox.accepted import accept
from webapp.mail.outbox.bulk import execute_many, stamp
from webapp.mail.outbox.counters import Deltas
from webapp.mail.outbox.evidence import CODE_LENGTH, PROVIDER_LENGTH, attempt_of, keep
from webapp.mail.outbox.held import Held
from webapp.mail.sender.results import ACCEPTED, BACK, UNKNOWN, Result
from webapp.mail.sender.verdicts import Verdict, judge
from webapp.mail.states import FINAL, MailingState, State

GROUP = 1_000


@dataclass
class _Writes:
    """What one group of results changes, gathered before it is written."""

    rows: list[dict[str, Any]]
    attempts: list[evidence.Row]
    at: object
    barred: list[dict[str, Any]]
    emptied: list[int]
    deltas: Deltas


def record(
    session: Session,
    results: Sequence[Result],
    *,
    held: Mapping[int, Held] = MappingProxyType({}),
    now: datetime | None = None,
) -> None:
    """Record these outcomes. A result of a lost lease is kept as evidence and changes nothing; twice is the same as once.

    `held` is what the caller remembers of mails that were its own: those of them that were simply accepted, as nearly
    all are, need no look at their rows.
    """
    now = now or utcnow()
    for start in range(0, len(results), GROUP):
        group = results[start : start + GROUP]
        plain = {one.mail_id: one for one in group if _is_plain(one, held.get(one.mail_id))}
        if plain and accept(session, list(plain.values()), held, now):
            group = [one for one in group if plain.get(one.mail_id) is not one]
        if group:
            _record_group(session, group, now)


def _is_plain(result: Result, held: Held | None) -> bool:
    return result.status == ACCEPTED and held is not None and held.lease == result.lease


def _record_group(session: Session, results: Sequence[Result], now: datetime) -> None:
    rows = _rows(session, {result.mail_id for result in results})
    writes = _Writes([], [], stamp(session.connection(), now), [], [], Deltas())
    strays = []
    for result in results:
        row = rows.get(result.mail_id)
        if row is None:
            continue
        if row.lease != result.lease or not _awaits(row, result):
            strays.append((row, result))
        elif result.status == BACK:
            _give_back(row, writes, now)
        else:
            _settle(row, result, writes, now)
        rows.pop(result.mail_id)  # the first outcome of a mail in a group is its outcome
    _keep_strays(session, strays, writes)
    _write(session, writes, now)


def _awaits(row: Row[*tuple[Any, ...]], result: Result) -> bool:
    """Whether a row takes this result. A late answer settles what was held as unknown.

    That includes the word of a sender which was taken for dead that the mail has not left: it goes back. Not so a single
    mail, whose sealed values are gone by then.
    """
    if row.state == State.UNKNOWN:
        return result.status != UNKNOWN and (result.status != BACK or row.mailing_id is not None)
    if row.state == State.DEFERRED:  # it was unknown and waits to be sent again, which is not needed any more
        return result.status == ACCEPTED
    return bool(row.state == State.SENDING)


def _rows(session: Session, ids: Iterable[int]) -> dict[int, Row[*tuple[Any, ...]]]:
    wanted = (
        select(
            OutboxMail.id,
            OutboxMail.mailing_id,
            OutboxMail.kind,
            OutboxMail.address,
            OutboxMail.state,
            OutboxMail.lease,
            OutboxMail.attempts,
            OutboxMail.give_up_at,
            OutboxMail.values.is_not(None).label("sealed"),
            Mailing.state.label("mailing_state"),
        )
        .outerjoin(Mailing, Mailing.id == OutboxMail.mailing_id)
        .where(among(OutboxMail.id, sorted(ids)))
        .order_by(OutboxMail.id)
        .with_for_update(of=OutboxMail)
    )
    return {row.id: row for row in session.execute(wanted)}


def _give_back(row: Row[*tuple[Any, ...]], writes: _Writes, now: datetime) -> None:
    waiting = State.DEFERRED if row.attempts else State.QUEUED
    state = State.CANCELLED if row.mailing_state == MailingState.CANCELLED else waiting
    writes.rows.append(_change(row, state, now) | {"new_lease": None})
    writes.deltas.move(row.mailing_id, row.state, state)
    if state is State.CANCELLED and row.sealed:
        writes.emptied.append(row.id)


def _settle(row: Row[*tuple[Any, ...]], result: Result, writes: _Writes, now: datetime) -> None:
    late = row.state != State.SENDING
    number = row.attempts if late else row.attempts + 1
    verdict = judge(result, kind=row.kind, tries=number, give_up_at=row.give_up_at, now=now)
    state = verdict.state
    if row.mailing_state == MailingState.CANCELLED and state is State.DEFERRED:
        state = State.UNKNOWN if result.status == UNKNOWN else State.CANCELLED
    change = _change(row, state, now, not_before=verdict.not_before) | {
        "new_attempts": number,
        "new_stage": result.stage,
        "new_code": result.code[:CODE_LENGTH],
        "new_detail": verdict.words + result.detail,
        "new_provider_id": result.provider_id[:PROVIDER_LENGTH],
    }
    writes.rows.append(change)
    writes.deltas.move(row.mailing_id, row.state, state)
    writes.attempts.append(attempt_of(result, number, writes.at, late=late))
    if verdict.suppress:
        writes.barred.append(_suppression(row, result, verdict, now))
    if row.sealed and state in FINAL:
        writes.emptied.append(row.id)


def _change(
    row: Row[*tuple[Any, ...]], state: State, now: datetime, not_before: datetime | None = None
) -> dict[str, Any]:
    return {
        "of_id": row.id,
        "of_lease": row.lease,
        "new_state": state.value,
        "new_lease": row.lease,
        "new_not_before": not_before or now,
        "new_changed_at": now,
    }


def _suppression(
    row: Row[*tuple[Any, ...]], result: Result, _verdict: Verdict, now: datetime
) -> dict[str, Any]:
    return {
        "address": suppressions.normal(row.address),
        "scope": suppressions.ALL,
        "reason": "bounced",
        "note": f"{result.code} {result.detail}".strip(),
        "mail_id": row.id,
        "created_at": now,
    }


def _keep_strays(
    session: Session,
    strays: Sequence[tuple[Row[*tuple[Any, ...]], Result]],
    writes: _Writes,
) -> None:
    """Evidence of outcomes that came too late. One that is known already (a journal read twice) is not kept twice."""
    told = [(row, result) for row, result in strays if result.status != BACK]
    if not told:
        return
    ids = [row.id for row, _ in told]
    known = {
        tuple(one)
        for one in session.execute(
            select(Attempt.mail_id, Attempt.lease, Attempt.status).where(among(Attempt.mail_id, ids))
        )
    }
    for row, result in told:
        if (row.id, result.lease, result.status) not in known:
            writes.attempts.append(attempt_of(result, row.attempts, writes.at, late=True))


_ROW = OutboxMail.__table__
_BACK_COLUMNS = ("state", "lease", "not_before", "changed_at")
_ALL_COLUMNS = (*_BACK_COLUMNS, "attempts", "stage", "code", "detail", "provider_id")


def _update_of(columns: Sequence[str]) -> Any:
    return (
        update(_ROW)  # type: ignore[arg-type]
        .where(
            _ROW.c.id == bindparam("of_id"),
            _ROW.c.lease == bindparam("of_lease"),
            text("state IN ('sending', 'unknown', 'deferred')"),
        )
        .values(lease_until=null(), **{name: bindparam(f"new_{name}") for name in columns})
    )


_SETTLE, _RETURN = _update_of(_ALL_COLUMNS), _update_of(_BACK_COLUMNS)


def _write(session: Session, writes: _Writes, now: datetime) -> None:
    connection = session.connection()
    settled = [row for row in writes.rows if "new_code" in row]
    returned = [row for row in writes.rows if "new_code" not in row]
    execute_many(connection, _SETTLE, settled)
    execute_many(connection, _RETURN, returned)
    keep(connection, writes.attempts)
    if writes.emptied:
        connection.execute(update(OutboxMail).where(among(OutboxMail.id, writes.emptied)).values(values=None))
    if writes.barred:
        suppressions.add_rows(session, writes.barred)
    writes.deltas.apply(session, now)
