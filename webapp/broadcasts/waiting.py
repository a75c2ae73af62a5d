"""One line for whoever asks at night why a message does not go on, or why it takes another way."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.mail import heartbeat
from webapp.mail.models import Mailing, OutboxMail
from webapp.mail.outbox.claim import WAITING
from webapp.mail.outbox.pace import domain_of
from webapp.mail.states import MailingState, State
from webapp.settings import store
from webapp.settings.holdups import domain_holdup, holdup
from webapp.settings.models import MailServer
from webapp.settings.passages import Passages
from webapp.settings.wording import clock


def waiting_for(session: Session, mailing: Mailing, now: datetime) -> str:
    """What the mails that have not left wait for; empty while they leave, and when the banner on top says it."""
    if mailing.state != MailingState.RUNNING.value or not mailing.queued + mailing.deferred:
        return ""
    if not heartbeat.living(session, now):
        return ""
    passages = Passages(session, now)
    passage = passages.of_mailing(mailing)
    closed = passages.closed(passage.wanted) if passage.wanted is not None else None
    if passage.through is None:
        return (
            f"Waiting: {passage.wanted.name} {closed.state}. {closed.said}"
            if closed and passage.wanted
            else ""
        )
    detour = ""
    if passage.is_detour and closed and passage.wanted:
        detour = f"Takes a detour through {passage.through.name}: {passage.wanted.name} {closed.state}. "
    return (detour + _on_the_way(session, mailing, passage.through, now)).strip()


def _on_the_way(session: Session, mailing: Mailing, server: MailServer, now: datetime) -> str:
    """What keeps the front of the queue at an open server."""
    first = session.scalar(
        select(OutboxMail)
        .where(WAITING, OutboxMail.mailing_id == mailing.id)
        .order_by(OutboxMail.priority, OutboxMail.not_before, OutboxMail.id)
        .limit(1)
    )
    if first is None:
        return ""
    if first.not_before <= now:
        return holdup(session, server, mailing.kind, now)
    if first.state == State.DEFERRED.value:
        again = clock(first.not_before, store.identity(session).zone, now)
        return f"Waiting to try those again that were refused for now, the first at {again}."
    return domain_holdup(session, server, domain_of(first.address), now)
