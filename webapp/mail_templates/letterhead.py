"""From a text to the draft that the mail core compiles: the network's identity and its layout are added here."""

from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.config import Config
from webapp.mail.compose import Draft
from webapp.mail.compose.draft import Class
from webapp.mail_templates import layout
from webapp.mail_templates.texts import Text
from webapp.settings import store


def draft(session: Session, config: Config, text: Text, kind: str, sender: User | None = None) -> Draft:
    """A text as the network sends it, or somebody of it; what is no whole document gets the network's layout around it."""
    own = store.identity(session)
    from_name, from_address, reply_to = _sender(own, sender)
    class_of_mail: Class = "operational" if kind == "operational" else "announcement"
    return Draft(
        subject=text.subject,
        html=text.html_for_mail,
        preheader=text.preheader,
        text=text.text,
        from_name=from_name,
        from_address=from_address,
        reply_to=reply_to,
        sender=None,
        kind=class_of_mail,
        list_id=None,
        network_name=own.network_name,
        postal_address=own.postal_address,
        public_url=store.public_url(session, config),
        domain_for_message_ids=own.from_address.rpartition("@")[2].lower() or "localhost",
        frame=layout.frame(layout.get(session), own.network_name),
    )


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
