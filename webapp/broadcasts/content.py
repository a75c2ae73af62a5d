"""From a message as people wrote it to the draft that the mail core compiles: identity and sender are added here."""

from dataclasses import replace

from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.broadcasts.models import Broadcast
from webapp.config import Config
from webapp.mail.compose import Draft
from webapp.mail.tokens import MESSAGE, OFFER
from webapp.mail_templates import letterhead
from webapp.mail_templates.texts import Text
from webapp.settings import store


def context_of(offer: str) -> str:
    """Which tokens have a value: those of an offer only in a message about one (`offer` is its CID)."""
    return OFFER if offer else MESSAGE


def draft_of(session: Session, config: Config, broadcast: Broadcast) -> Draft:
    """The message under the identity with which it leaves."""
    sender = session.get(User, broadcast.sender_id) if broadcast.sender_id else None
    return draft_from(session, config, Text.of(broadcast), broadcast.kind, sender)


def draft_from(session: Session, config: Config, text: Text, kind: str, sender: User | None) -> Draft:
    """The same for a text that is not stored yet."""
    draft = letterhead.draft(session, config, text, kind)
    name, address, reply_to = _sender(store.identity(session), sender)
    return replace(draft, from_name=name, from_address=address, reply_to=reply_to)


def _sender(own: store.Identity, sender: User | None) -> tuple[str, str, str | None]:
    """A colleague's own address stands in From only when it is of the sending domain; else it becomes Reply-To."""
    if sender is None:
        return own.sender_name, own.from_address, own.reply_to or None
    if _domain(sender.email) == _domain(own.from_address):
        return sender.name, sender.email, None
    name = f"{sender.name}, {own.network_name}" if own.network_name else sender.name
    return name, own.from_address, sender.email


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
