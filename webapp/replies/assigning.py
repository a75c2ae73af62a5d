"""A returned mail that names nobody becomes the reply of an affiliate, because a person says so."""

from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.affiliates.models import Affiliate
from webapp.errors import Conflict, NotFound
from webapp.feedback.models import ReturnedMail
from webapp.feedback.returned import Answer, Reading
from webapp.replies import intake
from webapp.replies.models import Reply


def open_mail(session: Session, number: int) -> ReturnedMail:
    """A mail that belongs to nothing and is settled by nobody; `Conflict` if it is another one."""
    stored = session.get(ReturnedMail, number, with_for_update=True, populate_existing=True)
    if stored is None:
        raise NotFound("There is no such mail (any more).")
    if stored.mail_id is not None or stored.settled or not stored.kind:
        raise Conflict("This mail is settled already, or belongs to a mail of ours.")
    return stored


def assign(session: Session, by: User, number: int, affiliate: Affiliate, reading: Reading) -> Reply:
    stored = open_mail(session, number)
    if intake.is_kept(session, stored):
        raise Conflict("This mail is a reply already.")
    said = reading.answer if reading.personal else Answer(own=reading.text)
    reply = intake.keep(session, affiliate, stored, said, None)
    stored.settled, stored.note = (
        "assigned",
        f"Assigned to affiliate {affiliate.affiliate_id or affiliate.id} by {by.name}.",
    )
    audit.record(session, by, "returned mail assigned", affiliate.name, mail=number)
    return reply
