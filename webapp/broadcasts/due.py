"""Starts messages when their time has come. What can't be started is a draft again and says why: it is never forgotten."""

import logging
from datetime import timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.broadcasts import release, starting
from webapp.broadcasts.models import Broadcast
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.errors import DomainError, Invalid

log = logging.getLogger("offerpost.broadcasts")

TOO_LATE = timedelta(hours=6)
MORE = (
    "It would go to {:,} affiliates by now, more than one person may decide alone. Review it once more, so that somebody else"
    " looks at it, too."
)
MISSED = "Offerpost was not running when it should have gone out, and it is more than six hours late now."


def start_due(desk: Desk) -> int:
    """Start whatever is due; how many were started."""
    with desk.reading() as session:
        due = session.scalars(_due()).all()
    return sum(_start_or_log(desk, broadcast_id) for broadcast_id in due)


def _due() -> Select[int]:
    waiting = (Broadcast.mailing_id.is_(None), Broadcast.waits_since.is_(None), Broadcast.send_at <= utcnow())
    return select(Broadcast.id).where(*waiting).order_by(Broadcast.send_at)


def _start_or_log(desk: Desk, broadcast_id: int) -> bool:
    """A fault of ours keeps one message back and none of those behind it; in a minute it is tried again."""
    try:
        return _start(desk, broadcast_id)
    except Exception:
        log.exception("message %s could not be started", broadcast_id)
        return False


def _start(desk: Desk, broadcast_id: int) -> bool:
    try:
        with desk.session() as session:
            return _started(session, desk, broadcast_id)
    except DomainError as error:
        with desk.session() as session:
            broadcast = session.get(Broadcast, broadcast_id, with_for_update=True)
            if broadcast is not None and _is_due(broadcast):
                broadcast.withdraw(held=f"It was not sent at its time. {_said(error)}")
                audit.record(
                    session, audit.COMMAND_LINE, "message.not_sent", broadcast.name, why=_said(error)
                )
        log.warning("message %s was not sent at its time: %s", broadcast_id, error)
        return False


def _said(error: DomainError) -> str:
    return " ".join(error.problems.values()) if isinstance(error, Invalid) else str(error)


def _started(session: Session, desk: Desk, broadcast_id: int) -> bool:
    broadcast = session.get(Broadcast, broadcast_id, with_for_update=True, populate_existing=True)
    if broadcast is None or not _is_due(broadcast):
        return False  # another one was faster, or somebody has just deleted it or changed its time
    if broadcast.send_at is not None and utcnow() - broadcast.send_at > TOO_LATE:
        raise DomainError(MISSED)
    user = session.get(User, broadcast.released_by) if broadcast.released_by else None
    if user is None or user.disabled_at is not None:
        raise DomainError("Whoever scheduled it has no account any more. Review it and send it yourself.")
    mailing = starting.start(
        session,
        desk.config,
        user,
        broadcast_id,
        approved=broadcast.released_text or None,
        skip_missing=broadcast.skip_missing,
    )
    if broadcast.approved_by is None and release.needs_second(session, mailing.queued):
        raise DomainError(MORE.format(mailing.queued))  # which undoes the start
    return True


def _is_due(broadcast: Broadcast) -> bool:
    return (
        broadcast.mailing_id is None
        and broadcast.waits_since is None
        and broadcast.send_at is not None
        and broadcast.send_at <= utcnow()
    )
