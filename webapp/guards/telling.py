"""Mails who started a message that a guard paused. Said again every minute for an hour: each pause is mailed once."""

import logging
from datetime import timedelta

from sqlalchemy import select

from webapp.announce import Happening, announce
from webapp.broadcasts.models import Broadcast
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.guards.models import GuardPause
from webapp.mail.models import Mailing

log = logging.getLogger("offerpost.guards")
SAID_FOR = timedelta(hours=1)


def tell(desk: Desk) -> None:
    """A transaction for each, so that one that can't be mailed holds up neither the others nor the guards."""
    with desk.reading() as session:
        fresh = (
            select(GuardPause.id, Mailing.created_by, Broadcast.id)
            .join(Mailing, Mailing.id == GuardPause.mailing_id)
            .outerjoin(Broadcast, Broadcast.mailing_id == Mailing.id)
            .where(GuardPause.at > utcnow() - SAID_FOR)
        )
        pauses = session.execute(fresh.order_by(GuardPause.id)).all()
    for number, started_by, broadcast_id in pauses:
        page = f"/messages/{broadcast_id}" if broadcast_id else "/messages"
        team = [started_by] if started_by else []
        try:
            with desk.session() as session:
                announce(session, Happening("staff_message_paused", f"guard:{number}", team=team, page=page))
        except Exception:
            log.exception("nobody could be told of pause %s", number)
