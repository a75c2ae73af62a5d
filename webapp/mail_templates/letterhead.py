"""From a text to the draft that the mail core compiles: the network's identity and its layout are added here."""

from sqlalchemy.orm import Session

from webapp.config import Config
from webapp.mail.compose import Draft
from webapp.mail.compose.draft import Class
from webapp.mail_templates import layout
from webapp.mail_templates.texts import Text
from webapp.settings import store


def draft(session: Session, config: Config, text: Text, kind: str) -> Draft:
    """A text as the network sends it; a text that is no whole document gets the network's layout around it."""
    own = store.identity(session)
    class_of_mail: Class = "operational" if kind == "operational" else "announcement"
    return Draft(
        subject=text.subject,
        html=text.html_for_mail,
        preheader=text.preheader,
        text=text.text,
        from_name=own.sender_name,
        from_address=own.from_address,
        reply_to=own.reply_to or None,
        sender=None,
        kind=class_of_mail,
        list_id=None,
        network_name=own.network_name,
        postal_address=own.postal_address,
        public_url=store.public_url(session, config),
        domain_for_message_ids=own.from_address.rpartition("@")[2].lower() or "localhost",
        frame=layout.frame(layout.get(session), own.network_name),
    )
