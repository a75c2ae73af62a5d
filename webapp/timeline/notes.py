"""Notes about an affiliate: added by who may change him, corrected by their author, deleted by him or who may edit all."""

from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.affiliates.models import Affiliate
from webapp.db import utcnow
from webapp.errors import Invalid, NotAllowed, NotFound
from webapp.timeline.models import Note

LONGEST = 5_000


def add(session: Session, by: User, affiliate: Affiliate, text: str) -> Note:
    note = Note(affiliate_id=affiliate.id, author_id=by.id, text=_checked(text))
    session.add(note)
    session.flush()
    audit.record(session, by, "note added", affiliate.name, note=note.id)
    return note


def get(session: Session, affiliate: Affiliate, number: int) -> Note:
    """A note about this affiliate."""
    note = session.get(Note, number)
    if note is None or note.affiliate_id != affiliate.id:
        raise NotFound("There is no such note about this affiliate.")
    return note


def may_delete(user: User, note: Note) -> bool:
    return note.author_id == user.id or user.may("edit_all")


def change(session: Session, by: User, affiliate: Affiliate, note: Note, text: str) -> None:
    """Only its author puts words into his own mouth."""
    if note.author_id != by.id:
        raise NotFound("Only who wrote a note can change it. Add one of your own.")
    note.text, note.changed_at = _checked(text), utcnow()
    audit.record(session, by, "note changed", affiliate.name, note=note.id)


def delete(session: Session, by: User, affiliate: Affiliate, note: Note) -> None:
    if not may_delete(by, note):
        raise NotAllowed("edit_all")
    session.delete(note)
    audit.record(session, by, "note deleted", affiliate.name, note=note.id)


def _checked(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\0", "").strip()
    if not text:
        raise Invalid({"text": "Write something: an empty note says nothing."})
    if len(text) > LONGEST:
        raise Invalid(
            {"text": f"A note has at most {LONGEST:,} characters; this one has {len(text):,}. Shorten it."}
        )
    return text
