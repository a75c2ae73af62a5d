"""Takes a person out of the outbox. Rows stay, with their state and what counts; what names the person goes."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from webapp.db import utcnow
from webapp.errors import Conflict
from webapp.mail.clicks import Click
from webapp.mail.events import MailEvent
from webapp.mail.models import Attempt, OutboxMail
from webapp.mail.outbox.counters import Deltas
from webapp.mail.states import WAITING, State

ERASED = "@erased.invalid"


def erased_address(recipient_id: int) -> str:
    """What stands in the place of the address: a name that can never be mailed (RFC 2606)."""
    return f"erased-{recipient_id}{ERASED}"


def erase_recipient(session: Session, recipient_id: int) -> int:
    """Cancel what waits for this recipient and blank all of his mails; returns how many. `Conflict` while one is leaving."""
    rows = session.execute(
        select(OutboxMail.id, OutboxMail.mailing_id, OutboxMail.state)
        .where(OutboxMail.recipient_id == recipient_id)
        .with_for_update()
    ).all()
    if any(row.state == State.SENDING for row in rows):
        raise Conflict("A mail to this affiliate is on its way just now. Try again in a minute.")
    now, deltas = utcnow(), Deltas()
    for row in rows:
        if row.state in WAITING:
            deltas.move(row.mailing_id, row.state, State.CANCELLED)
    his = OutboxMail.recipient_id == recipient_id
    waiting = update(OutboxMail).where(his, OutboxMail.state.in_([state.value for state in WAITING]))
    cancelled = {"state": State.CANCELLED.value, "reason": "erased", "changed_at": now}
    blank = {"address": erased_address(recipient_id), "detail": "", "provider_id": "", "values": None}
    for statement in (
        delete(Click).where(Click.mail_id.in_(select(OutboxMail.id).where(his))),
        waiting.values(**cancelled),
        update(OutboxMail).where(his).values(**blank),
        update(MailEvent).where(MailEvent.mail_id.in_(select(OutboxMail.id).where(his))).values(words=""),
        update(Attempt).where(Attempt.mail_id.in_(select(OutboxMail.id).where(his))).values(detail=""),
    ):
        session.execute(statement.execution_options(synchronize_session=False))
    deltas.apply(session, now)
    return len(rows)
