"""A test mail of a message, filled as an affiliate."""

from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.affiliates.models import Affiliate
from webapp.broadcasts.content import context_of, draft_of
from webapp.broadcasts.models import Broadcast
from webapp.config import Config
from webapp.mail.models import OutboxMail
from webapp.mail_templates import trying
from webapp.mail_templates.looking import values_of
from webapp.mail_templates.trying import MOST_AN_HOUR, colleagues
from webapp.vault import Vault

__all__ = ["MOST_AN_HOUR", "colleagues", "find", "send"]
ACTION = "message.tested"


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
    draft = draft_of(session, config, broadcast)
    values = values_of(session, draft, affiliate, broadcast.offer_cid)
    trial = trying.Trial(
        broadcast.name,
        _prefix(broadcast),
        ACTION,
        draft,
        values,
        context_of(broadcast.offer_cid),
        broadcast.server_id,
    )
    return trying.send(session, vault, user, trial, to)


def find(session: Session, broadcast: Broadcast, mail_id: int) -> OutboxMail:
    """A test mail of this message."""
    return trying.find(session, _prefix(broadcast), mail_id)


def _prefix(broadcast: Broadcast) -> str:
    return f"test:message:{broadcast.id}:"
