"""A test mail: through the real outbox, filled as an affiliate, and only to people who have an account here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_hex

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import AuditEntry, User
from webapp.db import utcnow
from webapp.errors import Conflict, Invalid, NotFound
from webapp.mail.compose import Draft, compile_message
from webapp.mail.models import OutboxMail
from webapp.mail.outbox.enqueue import TEST_PRIORITY, enqueue_one
from webapp.mail.tokens import MESSAGE
from webapp.vault import Vault

ACTIONS = ("message.tested", "template.tested")
MOST_AN_HOUR = 10


@dataclass(frozen=True)
class Trial:
    """What is tried: `subject` names it, `prefix` begins the keys of its test mails, `action` is one of ACTIONS."""

    subject: str
    prefix: str
    action: str
    draft: Draft
    values: Mapping[str, str]
    context: str = MESSAGE
    server_id: int | None = None


def colleagues(session: Session, user: User) -> list[User]:
    """Who may get a test mail: the user first, then everybody else with an active account."""
    others = select(User).where(User.disabled_at.is_(None), User.id != user.id).order_by(User.email)
    return [user, *session.scalars(others)]


def send(session: Session, vault: Vault, user: User, trial: Trial, to: int) -> OutboxMail:
    """Queue the mail; its outcome is read from the row."""
    person = session.get(User, to)
    if person is None or person.disabled_at is not None:
        raise Invalid({"to": "A test mail goes to people with an account here. Choose one of them."})
    _check_rate(session, user)
    compile_message(trial.draft, context=trial.context)
    audit.record(session, user, trial.action, trial.subject, to=person.email)
    return enqueue_one(
        session,
        vault,
        key=f"{trial.prefix}{token_hex(8)}",
        content={**trial.draft.as_dict(), "subject": f"[Test] {trial.draft.subject}"},
        context=trial.context,
        address=person.email,
        values=trial.values,
        kind=trial.draft.kind,
        priority=TEST_PRIORITY,
        server_id=trial.server_id,
        patience=timedelta(minutes=15),
    )


def find(session: Session, prefix: str, mail_id: int) -> OutboxMail:
    """A test mail whose key begins so."""
    mail = session.get(OutboxMail, mail_id)
    if mail is None or not mail.key.startswith(prefix):
        raise NotFound("This test mail does not belong here.")
    return mail


def _check_rate(session: Session, user: User) -> None:
    recent = (
        select(func.count())
        .select_from(AuditEntry)
        .where(
            AuditEntry.at > utcnow() - timedelta(hours=1),
            AuditEntry.user_id == user.id,
            AuditEntry.action.in_(ACTIONS),
        )
    )
    if (session.scalar(recent) or 0) >= MOST_AN_HOUR:
        raise Conflict(
            f"{MOST_AN_HOUR} test mails an hour are the limit. Look at the preview, or try again later."
        )
