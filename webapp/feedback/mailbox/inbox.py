"""The mailbox as the loop test sees it: where its mail goes, and whether it has come."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.desk import Desk
from webapp.feedback.models import ReturnedMail

SECONDS = 20.0  # of one look; the next one goes on where it ended


class OwnInbox:
    """Implements the port `webapp.domains.loop.ports.Inbox`; what comes is taken in as any returned mail.

    What it needs is loaded when it is used: every process makes one.
    """

    def address(self, session: Session) -> str:
        from webapp.feedback.mailbox import settings
        from webapp.settings import store

        box = settings.saved(session)
        if box is None:
            return ""
        user = str(box.values.get("username", ""))
        return store.identity(session).bounce_address or (user if "@" in user else "")

    def fetch(self, desk: Desk) -> str:
        from webapp.feedback.mailbox.fetching import fetch
        from webapp.feedback.reader_process import PatientReader

        with PatientReader() as reader:
            return fetch(desk, reader, seconds=SECONDS).trouble

    def search(self, session: Session, token: str, sender: str, since: datetime) -> bytes | None:
        query = select(ReturnedMail.raw).where(
            ReturnedMail.sender == sender.lower(),
            ReturnedMail.subject.contains(token, autoescape=True),
            ReturnedMail.received_at >= since,
        )
        return session.scalars(query.order_by(ReturnedMail.id).limit(1)).first()
