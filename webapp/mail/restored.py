"""A database that is older than what was sent from it: nothing leaves until a person has looked and confirmed."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.db import utcnow
from webapp.errors import Conflict
from webapp.mail import poke
from webapp.mail.models import LeaseCounter, Mailing, OutboxMail, Restoration
from webapp.mail.outbox import control
from webapp.mail.outbox.record import record
from webapp.mail.sender.results import UNKNOWN, Result
from webapp.mail.states import MailingState, State

ON_ITS_WAY = "The database was restored from a backup that was made while this mail was on its way."


def pending(session: Session) -> Restoration | None:
    """The restoration that nobody has confirmed yet, the latest; while there is one no mail may be claimed."""
    waiting = select(Restoration).where(Restoration.confirmed_at.is_(None))
    return session.scalar(waiting.order_by(Restoration.id.desc()).limit(1))


def mark(session: Session, *, taken_at: datetime | None, last_claim: int = 0) -> Restoration:
    """Stop everything of a restored database. `last_claim` is the highest fencing number that was ever handed out.

    What was on its way becomes unknown, running mailings are paused with the reason, and fencing numbers go on above
    those of the time that is lost, so that no journal of that time can be taken for one of now.
    """
    restoration = Restoration(taken_at=taken_at)
    session.add(restoration)
    counter = session.get(LeaseCounter, 1, with_for_update=True)
    if counter is None:
        session.add(LeaseCounter(id=1, value=last_claim))
    else:
        counter.value = max(counter.value, last_claim)
    session.flush()
    on_their_way = select(OutboxMail.id, OutboxMail.lease).where(OutboxMail.state == State.SENDING.value)
    rows = session.execute(on_their_way).all()
    record(session, [Result(mail_id, lease or 0, UNKNOWN, detail=ON_ITS_WAY) for mail_id, lease in rows])
    running = select(Mailing.id).where(Mailing.state == MailingState.RUNNING.value)
    for mailing_id in session.scalars(running).all():
        control.pause(session, mailing_id, reason(restoration))
    poke.soon(session)
    return restoration


def notice(session: Session, last_claim: int) -> Restoration | None:
    """Called when a sender starts: a database that has never handed out `last_claim` is an older one."""
    known = session.scalar(select(LeaseCounter.value).where(LeaseCounter.id == 1)) or 0
    return mark(session, taken_at=None, last_claim=last_claim) if known < last_claim else None


def confirm(session: Session, who: str) -> int:
    """Let mail leave again; returns how many restorations that settles. Paused mailings stay paused."""
    waiting = session.scalars(select(Restoration).where(Restoration.confirmed_at.is_(None))).all()
    if not waiting:
        raise Conflict("No restored database waits to be confirmed.")
    for one in waiting:
        one.confirmed_at, one.confirmed_by = utcnow(), who[:254]
    poke.soon(session)
    return len(waiting)


def since(taken_at: datetime | None) -> str:
    """From when the database is, as far as anybody knows."""
    return "an older backup" if taken_at is None else f"a backup of {taken_at:%Y-%m-%d %H:%M} UTC"


def reason(restoration: Restoration) -> str:
    return f"Restored from {since(restoration.taken_at)}: look which mails may have gone since, then resume."
