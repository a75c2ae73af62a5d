"""A server that exists only to try values that nobody has saved: sealed like any other, gone after fifteen minutes."""

import secrets
from datetime import timedelta

from sqlalchemy.orm import Session

from webapp.db import utcnow
from webapp.desk import Desk
from webapp.settings.models import MailServer
from webapp.settings.opening import opened_secrets
from webapp.settings.servers import Actor, store
from webapp.settings.settle import Settled

LIFE = timedelta(minutes=15)


def draft_of(
    desk: Desk, session: Session, by: Actor, server: MailServer | None, settled: Settled
) -> MailServer:
    """A draft with these values; the stored secrets that go on are copied and sealed for the new row."""
    kept = opened_secrets(desk, server, settled.kept) if server is not None else {}
    public_id = secrets.token_urlsafe(16)
    draft = MailServer(
        public_id=public_id,
        name=f"Test of unsaved values {public_id[:6]}",
        kind=settled.kind,
        draft_until=utcnow() + LIFE,
    )
    session.add(draft)
    whole = Settled(settled.kind, settled.values, settled.limits, {**kept, **settled.secrets}, frozenset())
    store(desk, session, draft, whole, by)
    return draft
