"""A test mail of a message: through the real outbox, filled as an affiliate, and only to people who have an account here."""

from datetime import timedelta
from secrets import token_hex

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import AuditEntry, User
from webapp.affiliates.models import Affiliate
from webapp.broadcasts.content import context_of, draft_of
from webapp.broadcasts.models import Broadcast
from webapp.broadcasts.previews import values_of
from webapp.config import Config
from webapp.db import utcnow
from webapp.errors import Conflict, Invalid, NotFound
from webapp.mail.compose import compile_message
from webapp.mail.models import OutboxMail
from webapp.mail.outbox.enqueue import TEST_PRIORITY, enqueue_one
from webapp.vault import Vault

ACTION = "message.tested"
MOST_AN_HOUR = 10


def colleagues(session: Session, user: User) -> list[User]:
    """Who may get a test mail: the user first, then everybody else with an active account."""
    others = select(User).where(User.disabled_at.is_(None), User.id != user.id).order_by(User.email)
    return [user, *session.scalars(others)]


def send(
    session: Session,
    config: Config,
    vault: Vault,
    user: User,
    broadcast: Broadcast,
    affiliate: Affiliate,
    to: int,
) -> OutboxMail:
    """Queue the mail; its outcome is read from the row."""
    person = session.get(User, to)
    if person is None or person.disabled_at is not None:
        raise Invalid({"to": "A test mail goes to people with an account here. Choose one of them."})
    _check_rate(session, user)
    draft = draft_of(session, config, broadcast)
    context = context_of(broadcast.offer_cid)
    compile_message(draft, context=context)
    audit.record(session, user, ACTION, broadcast.name, to=person.email)
    return enqueue_one(
        session,
        vault,
        key=f"{_prefix(broadcast)}{token_hex(8)}",
        content={**draft.as_dict(), "subject": f"[Test] {draft.subject}"},
        context=context,
        address=person.email,
        values=values_of(session, draft, affiliate, broadcast.offer_cid),
        kind=broadcast.kind,
        priority=TEST_PRIORITY,
        server_id=broadcast.server_id,
        patience=timedelta(minutes=15),
    )


def find(session: Session, broadcast: Broadcast, mail_id: int) -> OutboxMail:
    """A test mail of this message."""
    mail = session.get(OutboxMail, mail_id)
    if mail is None or not mail.key.startswith(_prefix(broadcast)):
        raise NotFound("This test mail does not belong to this message.")
    return mail


def _prefix(broadcast: Broadcast) -> str:
    return f"test:message:{broadcast.id}:"


def _check_rate(session: Session, user: User) -> None:
    recent = (
        select(func.count())
        .select_from(AuditEntry)
        .where(
            AuditEntry.at > utcnow() - timedelta(hours=1),
            AuditEntry.user_id == user.id,
            AuditEntry.action == ACTION,
        )
    )
    if (session.scalar(recent) or 0) >= MOST_AN_HOUR:
        raise Conflict(
            f"{MOST_AN_HOUR} test mails an hour are the limit. Look at the preview, or try again later."
        )
