"""What a person may do to a running mailing: pause, resume, cancel, send again. Each acts before the next message body."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from webapp.db import utcnow
from webapp.errors import Conflict, NotFound
from webapp.mail import poke
from webapp.mail.models import PATIENCE, Mailing, OutboxMail
from webapp.mail.outbox import again
from webapp.mail.outbox.counters import Deltas
from webapp.mail.states import MailingState, State

ENDED = (MailingState.FINISHED, MailingState.FINISHED_WITH_FAILURES)


def pause(session: Session, mailing_id: int, reason: str = "") -> Mailing:
    """Stop it where it stands; nothing more leaves. `reason` is set when the sender itself pauses."""
    return _turn(session, mailing_id, MailingState.RUNNING, MailingState.PAUSED, reason)


def pause_all_of(session: Session, user_id: int, reason: str) -> int:
    """Pause whatever this person started and is under way, and count it."""
    running = select(Mailing.id).where(
        Mailing.created_by == user_id, Mailing.state == MailingState.RUNNING.value
    )
    ids = session.scalars(running.order_by(Mailing.id)).all()
    for mailing_id in ids:
        pause(session, mailing_id, reason)
    return len(ids)


def resume(session: Session, mailing_id: int) -> Mailing:
    return _turn(session, mailing_id, MailingState.PAUSED, MailingState.RUNNING, "")


def cancel(session: Session, mailing_id: int) -> Mailing:
    """Stop it for good: what has not left is cancelled, what is leaving just now ends as it ends."""
    mailing = _locked(session, mailing_id)
    if mailing.state not in (MailingState.RUNNING, MailingState.PAUSED):
        raise Conflict(f"This sending is already {_words(mailing)}, so it can't be cancelled.")
    mailing.state = MailingState.CANCELLED.value
    session.flush()
    now, deltas = utcnow(), Deltas()
    for state in (State.QUEUED, State.DEFERRED):
        moved = _move(session, mailing_id, state, State.CANCELLED, {"changed_at": now, "values": None})
        deltas.move(mailing_id, state, State.CANCELLED, moved)
    return _done(session, mailing, deltas, now)


def resend(session: Session, mailing_id: int, which: str) -> int:
    """Queue the `failed` or the `unknown` ones again, but nobody who is barred, and count them. An unknown one keeps its
    Message-ID.
    """
    again.check(which)
    mailing = _locked(session, mailing_id)
    if mailing.state == MailingState.CANCELLED:
        raise Conflict("This sending was cancelled. Start a new message instead.")
    now, deltas = utcnow(), Deltas()
    fresh = {"not_before": now, "give_up_at": now + PATIENCE, "changed_at": now, "lease": None, "reason": ""}
    moved = _move(session, mailing_id, State(which), State.QUEUED, fresh, again.not_barred(session))
    if not moved:
        raise Conflict(f"There is no {which} mail that may be sent again.")
    if mailing.state in ENDED:
        mailing.state = MailingState.RUNNING.value
    mailing.finished_at = None
    session.flush()
    deltas.move(mailing_id, which, State.QUEUED, moved)
    _done(session, mailing, deltas, now)
    return moved


def _turn(
    session: Session, mailing_id: int, before: MailingState, after: MailingState, reason: str
) -> Mailing:
    mailing = _locked(session, mailing_id)
    if mailing.state == after:
        return mailing
    if mailing.state != before:
        verb = "paused" if after == MailingState.PAUSED else "resumed"
        raise Conflict(f"This sending is {_words(mailing)}, so it can't be {verb}.")
    mailing.state, mailing.reason = after.value, reason
    session.flush()
    poke.soon(session)
    return mailing


def _move(
    session: Session,
    mailing_id: int,
    before: State,
    after: State,
    changes: Mapping[str, Any],
    *only: ColumnElement[bool],
) -> int:
    moving = (
        update(OutboxMail)
        .where(OutboxMail.mailing_id == mailing_id, OutboxMail.state == before.value, *only)
        .values(state=after.value, **changes)
        .execution_options(synchronize_session=False)
    )
    return session.connection().execute(moving).rowcount


def _done(session: Session, mailing: Mailing, deltas: Deltas, now: datetime) -> Mailing:
    deltas.apply(session, now)
    session.refresh(mailing)
    poke.soon(session)
    return mailing


def _locked(session: Session, mailing_id: int) -> Mailing:
    mailing = session.get(Mailing, mailing_id, with_for_update=True, populate_existing=True)
    if mailing is None:
        raise NotFound("There is no such sending.")
    return mailing


def _words(mailing: Mailing) -> str:
    return mailing.state.replace("_", " ")
