"""What a mail is about, as people choose it: each kind of news can be left alone, and all of them together.

Operational mail has no topic: it belongs to the account and can't be left.
"""

from sqlalchemy import ColumnElement, case, or_

from webapp.mail.models import MailContent
from webapp.mail.states import Kind
from webapp.mail.tokens.catalogue import ABOUT_AN_OFFER, OFFER_DIGEST

OFFERS, NEWSLETTER, DIGEST = "offers", "newsletter", "digest"
TOPICS = (OFFERS, NEWSLETTER, DIGEST)


def topic_of(kind: str, context: str, offer: str) -> str:
    """The topic of a mail of this class and context, about this offer (a CID); "" for one that can't be left."""
    if kind != Kind.ANNOUNCEMENT:
        return ""
    if context == OFFER_DIGEST:
        return DIGEST
    return OFFERS if offer or context in ABOUT_AN_OFFER else NEWSLETTER


def topic_in_database() -> ColumnElement[str]:
    """The same of an announcement, for a query that joins its content."""
    about = or_(MailContent.offer != "", MailContent.context.in_(sorted(ABOUT_AN_OFFER)))
    return case((MailContent.context == OFFER_DIGEST, DIGEST), (about, OFFERS), else_=NEWSLETTER)
