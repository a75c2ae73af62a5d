"""The mail servers as the sender sees them: settings with their secrets in clear, and a way to stop using one."""

from datetime import UTC

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail.models import OutboxMail
from webapp.mail.outbox.routing import Ways
from webapp.mail.ports import Server
from webapp.mail.states import FINAL
from webapp.settings import bounce_sender, limits, renewing, routing, store
from webapp.settings.models import MailServer, MailServerSecret
from webapp.settings.opening import settings_of

SENDER = "sender"


class Directory:
    """Implements `webapp.mail.ports.ServerDirectory`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def default_id(self, session: Session) -> int | None:
        return session.scalar(
            select(MailServer.id).where(MailServer.is_default, MailServer.draft_until.is_(None))
        )

    def ways(self, session: Session) -> Ways:
        return routing.ways(session)

    def get(self, session: Session, server_id: int) -> Server | None:
        """Raises `transports.errors.SettingsError` if a secret or a reference can't be opened."""
        row = session.get(MailServer, server_id, populate_existing=True)
        if row is None:
            return None
        session.expire(row, ["secrets"])
        return Server(
            id=row.id,
            name=row.name,
            kind=row.kind,
            settings=settings_of(self._desk, row),
            connections=row.connections,
            max_per_second=row.max_per_second,
            max_per_minute=row.max_per_minute,
            max_per_hour=row.max_per_hour,
            max_per_day=row.max_per_day,
            paused=row.paused_at is not None,
            revision=row.revision,
            pace=limits.pace_of(row, store.identity(session).zone if row.hours else UTC),
            bounce_domain=bounce_sender.domain(self._desk, session, row),
        )

    def pause(self, session: Session, server_id: int, reason: str, hint: str) -> None:
        query = update(MailServer).where(MailServer.id == server_id, MailServer.paused_at.is_(None))
        done = session.execute(
            query.values(paused_at=utcnow(), paused_by=SENDER, paused_reason=reason, paused_hint=hint)
        )
        if done.rowcount:  # type: ignore[attr-defined]
            name = session.scalar(select(MailServer.name).where(MailServer.id == server_id)) or ""
            audit.record(session, SENDER, "mail server paused", name, reason=reason)

    def lend_secret(self, session: Session, given: str) -> str | None:
        return renewing.lend(session, self._desk.vault, given, utcnow())

    def take_secret_back(self, session: Session, given: str, used: str, renewed: str) -> None:
        renewing.take_back(session, self._desk.vault, given, used, renewed)

    def delete_expired_drafts(self, session: Session) -> None:
        """Those past their time whose test mail is final; one that is still on the line keeps its server."""
        renewing.forget_the_old(session)
        waiting = exists().where(OutboxMail.server_id == MailServer.id, OutboxMail.state.not_in(FINAL))
        expired = select(MailServer.id).where(MailServer.draft_until < utcnow(), ~waiting)
        ids = list(session.scalars(expired))
        if ids:
            session.execute(delete(MailServerSecret).where(MailServerSecret.server_id.in_(ids)))
            session.execute(delete(MailServer).where(MailServer.id.in_(ids)))
