"""A template as a mail: what the features below and above put into the outbox."""

from sqlalchemy.orm import Session

from webapp.config import Config
from webapp.mail.compose import Draft
from webapp.mail_templates import letterhead, queries


def letter(session: Session, config: Config, slug: str) -> Draft | None:
    """The template under the network's identity; None while it is switched off."""
    template = queries.find(session, slug)
    return draft_of(session, config, template) if template.enabled else None


def draft_of(session: Session, config: Config, template: queries.Template) -> Draft:
    """The same whether it is switched on or off, for looking at it."""
    return letterhead.draft(session, config, template.text, template.kind)
