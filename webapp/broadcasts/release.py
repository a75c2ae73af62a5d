"""From the last look to sending: at once, at a time, or when a second person has looked too.

A release holds who asked for it, what he saw (`released_text`) and how. Changing the message takes the release back.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.announce import Happening, announce
from webapp.broadcasts import starting
from webapp.broadcasts.access import APPROVE, may_steer
from webapp.broadcasts.models import Broadcast
from webapp.config import Config
from webapp.db import utcnow
from webapp.errors import Conflict, Invalid, NotAllowed
from webapp.settings import store

GROWTH = 1.1  # a yes counts for so many times the recipients that were seen, since lists live
FURTHEST = timedelta(days=366)
SENT, SCHEDULED, WAITS = "sent", "scheduled", "waits"
NOBODY = "Whoever asked for this may not send it any more. Decline it, and let its author ask anew."
MORE = (
    "It would go to {:,} affiliates by now, more than one person may decide alone. Review it once more, so that somebody else"
    " looks at it, too."
)
GREW = "It would go to {:,} affiliates by now, and {:,} were approved. Review it once more."
CHANGED = "The message was changed after somebody asked for approval. Review it once more."


def moment(session: Session, typed: str) -> datetime | None:
    """The time that somebody typed (`2026-12-01T09:30`), as it is in the network's time zone; None for an empty field."""
    if not typed.strip():
        return None
    zone = store.identity(session).zone
    try:
        local = datetime.fromisoformat(typed.strip()).replace(second=0, microsecond=0)
    except ValueError:
        raise Invalid({"send_at": "Write day and time like 2026-12-01T09:30, or leave it empty."}) from None
    if local.tzinfo is None:
        local = _existing(local, zone)
    if not utcnow() < local <= utcnow() + FURTHEST:
        raise Invalid(
            {
                "send_at": f"Choose a time within the coming year. Here it is {utcnow().astimezone(zone):%Y-%m-%d %H:%M} now."
            }
        )
    return local


def release(
    session: Session,
    config: Config,
    user: User,
    broadcast: Broadcast,
    *,
    approved: str,
    recipients: int,
    skip_missing: bool,
    at: datetime | None,
) -> str:
    """What the person at the last look has decided; what came of it: sent, scheduled, or waits for a second person."""
    if approved != starting.fingerprint(session, config, broadcast):
        raise Conflict(starting.CHANGED)
    starting.check(session, user, broadcast)
    broadcast.released_by, broadcast.released_text, broadcast.released_for = user.id, approved, recipients
    broadcast.skip_missing, broadcast.send_at, broadcast.held = skip_missing, at, ""
    broadcast.approved_by = None
    if needs_second(session, recipients):
        broadcast.waits_since = utcnow()
        audit.record(session, user, "message.approval_asked", broadcast.name, recipients=recipients)
        change, page = f"message {broadcast.id} {broadcast.waits_since}", f"/messages/{broadcast.id}/approval"
        announce(session, Happening("staff_approval_waits", change, page=page))
        return WAITS
    return _go(session, config, user, broadcast)


def needs_second(session: Session, recipients: int) -> bool:
    """Whether so many recipients need the eyes of two."""
    limit = store.identity(session).approve_above
    return bool(limit) and recipients > int(limit)


def check_number(session: Session, broadcast: Broadcast, recipients: int) -> None:
    """Refuse to start what would go to more by now than one person may decide about, or than two have agreed to."""
    if not needs_second(session, recipients):
        return
    if broadcast.approved_by is None:
        raise Conflict(MORE.format(recipients))
    if recipients > broadcast.released_for * GROWTH:
        raise Conflict(GREW.format(recipients, broadcast.released_for))


def approve(session: Session, config: Config, user: User, broadcast: Broadcast) -> str:
    """The second person agrees. Refused for whoever asked, and when the text is not the one that was asked about.

    What can't be started waits on, as if nobody had agreed.
    """
    _second(session, user, broadcast)
    if broadcast.released_text != starting.fingerprint(session, config, broadcast):
        broadcast.withdraw()
        raise Conflict(CHANGED)
    asker = session.get(User, broadcast.released_by) if broadcast.released_by else None
    if asker is None or not may_steer(asker, broadcast):
        raise Conflict(NOBODY)
    with session.begin_nested():
        broadcast.waits_since, broadcast.approved_by = None, user.id
        audit.record(session, user, "message.approved", broadcast.name)
        if broadcast.send_at is not None and broadcast.send_at <= utcnow():
            broadcast.send_at = None  # the time passed while it waited, and somebody has just said go
        return _go(session, config, asker, broadcast)


def decline(session: Session, user: User, broadcast: Broadcast, reason: str) -> None:
    """The second person does not agree: it is a draft again, with the reason."""
    _second(session, user, broadcast)
    if not reason.strip():
        raise Invalid({"reason": "Say what is to be changed. Its author reads it above the message."})
    broadcast.withdraw(held=f"{user.name} did not approve it: {reason.strip()[:500]}")
    audit.record(session, user, "message.declined", broadcast.name)


def _go(session: Session, config: Config, user: User, broadcast: Broadcast) -> str:
    if broadcast.send_at is not None:
        audit.record(
            session, user, "message.scheduled", broadcast.name, send_at=broadcast.send_at.isoformat()
        )
        return SCHEDULED
    starting.start(session, config, user, broadcast.id, skip_missing=broadcast.skip_missing)
    return SENT


def _second(session: Session, user: User, broadcast: Broadcast) -> None:
    session.refresh(broadcast, with_for_update=True)  # nobody changes it between this look and the start
    if not user.may(APPROVE):
        raise NotAllowed(APPROVE)
    if broadcast.waits_since is None:
        raise Conflict("This message does not wait for approval (any more).")
    if user.id == broadcast.released_by:
        raise Conflict("You asked for this yourself, so somebody else has to look at it.")


def _existing(local: datetime, zone: ZoneInfo) -> datetime:
    """In spring an hour is missing; in autumn one comes twice, and the first is meant."""
    there = local.replace(tzinfo=zone)
    if there.astimezone(ZoneInfo("UTC")).astimezone(zone).replace(tzinfo=None) != local:
        raise Invalid(
            {"send_at": "That hour does not exist on that day: clocks are put forward. Choose another."}
        )
    return there.astimezone(ZoneInfo("UTC"))
