"""Returned mail that belongs to no mail of ours: put away with a reason. Nothing is deleted by that."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, defer

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.errors import Invalid
from webapp.feedback.models import ReturnedMail

DISMISSED = "dismissed"
MOST = 500
REASON = 200  # characters


def is_open() -> ColumnElement[bool]:
    """The condition: about no mail of ours, and nobody has settled it yet."""
    return ReturnedMail.mail_id.is_(None) & (ReturnedMail.kind != "") & (ReturnedMail.settled == "")


def dismiss(session: Session, by: User, numbers: Collection[int], why: str) -> int:
    """Put these away; how many there were. One that belongs to a mail, or is settled meanwhile, stays as it is."""
    problems = {}
    if not numbers:
        problems["number"] = "Tick the mails that you mean."
    if not why.strip() or len(why.strip()) > REASON:
        problems["why"] = (
            f"Say why, in at most {REASON} characters: it stands with the mail for whoever asks later."
        )
    if problems:
        raise Invalid(problems)
    some = sorted(set(numbers))[:MOST]
    query = select(ReturnedMail).where(ReturnedMail.id.in_(some), is_open())
    found = session.scalars(query.options(defer(ReturnedMail.raw)).with_for_update()).all()
    for one in found:
        one.settled, one.note = DISMISSED, f"Dismissed by {by.name}: {why.strip()}"
    if found:
        audit.record(session, by, "returned mail dismissed", why.strip(), mails=[one.id for one in found])
    return len(found)
