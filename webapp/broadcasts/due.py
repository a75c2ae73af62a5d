"""Starts messages when their time has come. What can't be started is a draft again and says why: it is never forgotten."""

import logging
from datetime import timedelta
from functools import partial

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.announce import Happening, announce
from webapp.broadcasts import mail_check, release, starting
from webapp.broadcasts.jobs import START_DUE
from webapp.broadcasts.models import Broadcast
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.errors import DomainError, Invalid
from webapp.setbacks.work import Pieces

log = logging.getLogger("offerpost.broadcasts")

TOO_LATE = timedelta(hours=6)
MISSED = "Offerpost was not running when it should have gone out, and it is more than six hours late now."


def start_due(desk: Desk) -> int:
    """Start whatever is due; how many were started."""
    with desk.reading() as session:
        due = session.scalars(_due()).all()
    pieces = Pieces(desk, START_DUE)
    return sum(bool(pieces.do(f"message {each}", partial(_start, desk, each))) for each in due)


def _due() -> Select[int]:
    waiting = (Broadcast.mailing_id.is_(None), Broadcast.waits_since.is_(None), Broadcast.send_at <= utcnow())
    return select(Broadcast.id).where(*waiting).order_by(Broadcast.send_at)


def _start(desk: Desk, broadcast_id: int, session: Session) -> bool:
    try:
        with session.begin_nested():
            return _started(session, desk, broadcast_id)
    except DomainError as error:
        broadcast = session.get(Broadcast, broadcast_id, with_for_update=True, populate_existing=True)
        if broadcast is not None and _is_due(broadcast):
            _hold(session, broadcast, _said(error))
        log.warning("message %s was not sent at its time: %s", broadcast_id, error)
        return False


def _hold(session: Session, broadcast: Broadcast, why: str) -> None:
    """A draft again that says why; whoever scheduled it hears of it by mail."""
    change = f"{broadcast.id}:{broadcast.send_at.isoformat() if broadcast.send_at else ''}"
    team = [one for one in (broadcast.released_by, broadcast.created_by) if one is not None][:1]
    broadcast.withdraw(held=f"It was not sent at its time. {why}")
    audit.record(session, audit.COMMAND_LINE, "message.not_sent", broadcast.name, why=why)
    try:
        with session.begin_nested():
            page = f"/messages/{broadcast.id}/edit"
            announce(session, Happening("staff_message_held", change, team=team, page=page))
    except Exception:  # the message is held all the same, and its page says so
        log.exception("nobody could be told that message %s was held", broadcast.id)


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
    mail_check.check_again(desk, session, broadcast)
    mailing = starting.start(
        session,
        desk.config,
        user,
        broadcast_id,
        approved=broadcast.released_text or None,
        skip_missing=broadcast.skip_missing,
    )
    release.check_number(session, broadcast, mailing.queued)  # what it raises undoes the start
    return True


def _is_due(broadcast: Broadcast) -> bool:
    return (
        broadcast.mailing_id is None
        and broadcast.waits_since is None
        and broadcast.send_at is not None
        and broadcast.send_at <= utcnow()
    )
