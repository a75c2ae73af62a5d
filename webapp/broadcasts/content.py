"""From a message as people wrote it to the draft that the mail core compiles: identity and sender are added here."""

from dataclasses import replace
from hashlib import sha256

from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.broadcasts.models import Broadcast
from webapp.config import DEFAULT_ADDRESS, Config
from webapp.mail import suppressions
from webapp.mail.compose import Draft, links_to_count
from webapp.mail.states import Kind
from webapp.mail.tokens import MESSAGE, OFFER
from webapp.mail.topics import topic_of
from webapp.mail_templates import letterhead
from webapp.mail_templates.texts import Text
from webapp.settings import store


def context_of(offer: str) -> str:
    """Which tokens have a value: those of an offer only in a message about one (`offer` is its CID)."""
    return OFFER if offer else MESSAGE


def scopes_of(kind: str, offer: str) -> tuple[str, ...]:
    """The scopes of suppressions that bar a message of this class about this offer (a CID, or "")."""
    return suppressions.scopes_of(kind, topic_of(kind, context_of(offer), offer))


def draft_of(session: Session, config: Config, broadcast: Broadcast) -> Draft:
    """The message under the identity with which it leaves."""
    sender = session.get(User, broadcast.sender_id) if broadcast.sender_id else None
    return draft_from(session, config, Text.of(broadcast), broadcast.kind, sender)


def draft_to_send(session: Session, config: Config, broadcast: Broadcast) -> Draft:
    """The same with the links whose clicks are counted; which they are stays so, whatever is changed meanwhile."""
    draft = draft_of(session, config, broadcast)
    draft = replace(draft, feedback_id=feedback_id(broadcast, draft.from_address))
    if opens_counted(broadcast):
        draft = replace(draft, tracking_url=_tracking(session, draft), opens_of=broadcast.id)
    if not broadcast.counts_clicks:
        return draft
    draft = replace(draft, tracking_url=_tracking(session, draft))
    return replace(draft, links=links_to_count(draft, context=context_of(broadcast.offer_cid)))


def opens_counted(broadcast: Broadcast) -> bool:
    """Whether its mails hold the picture: announcements alone do, never mail about an account."""
    return broadcast.counts_opens and broadcast.kind == Kind.ANNOUNCEMENT


def feedback_id(broadcast: Broadcast, from_address: str) -> str:
    """By which Gmail tells complaints: the message, its kind, and last what is the same for all mail of a domain."""
    domain = from_address.rpartition("@")[2].lower()
    return f"m{broadcast.id}:{broadcast.kind}:op{sha256(domain.encode()).hexdigest()[:10]}"


def _tracking(session: Session, draft: Draft) -> str:
    """Where counted links begin: with neither address set they lead to where this machine serves, as all links then do."""
    return store.identity(session).tracking_url or draft.public_url or DEFAULT_ADDRESS


def draft_from(session: Session, config: Config, text: Text, kind: str, sender: User | None) -> Draft:
    """The same for a text that is not stored yet."""
    return letterhead.draft(session, config, text, kind, sender)
