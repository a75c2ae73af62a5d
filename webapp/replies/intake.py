"""Whose reply is it? Kept with the affiliate who wrote it, in the transaction that reads the mail, and told his manager.

Nothing in a reply is an instruction: also “unsubscribe” only offers a button to a person (T13: anybody can write it).
"""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.affiliates.models import Affiliate
from webapp.announce import Happening, announce
from webapp.db import utcnow
from webapp.feedback.matching import Match
from webapp.feedback.models import ReturnedMail
from webapp.feedback.returned import Answer, Reading, asks_to_stop
from webapp.replies.models import Reply

MOST_A_DAY = 50  # of one affiliate: whoever forges his address must not fill the table
EVENT = "staff_reply"


def hear(session: Session, stored: ReturnedMail, reading: Reading, found: Match | None) -> str:
    """Implements the port of feedback."""
    affiliate = _writer(session, reading.sender, found)
    if affiliate is None or is_kept(session, stored):
        return ""
    if _wrote_lately(session, affiliate) >= MOST_A_DAY:
        return (
            f"More than {MOST_A_DAY} replies of this affiliate came within a day: this one is kept here only."
        )
    reply = keep(session, affiliate, stored, reading.answer, found)
    stored.settled = "reply"
    announce(
        session,
        Happening(
            EVENT,
            change=f"reply:{stored.fingerprint}",
            people=[affiliate.id],
            team=[affiliate.manager_id] if affiliate.manager_id else (),
            page=f"/replies/{reply.id}",
        ),
    )
    return (
        "A reply. It stands with the affiliate." if reply.proven else "A reply, whose sender is not proven."
    )


def keep(
    session: Session, affiliate: Affiliate, stored: ReturnedMail, said: Answer, found: Match | None
) -> Reply:
    """Add a reply, flushed, so that it has its number."""
    reply = Reply(
        returned_id=stored.id,
        fingerprint=stored.fingerprint,
        affiliate_id=affiliate.id,
        mail_id=found.mail.id if found else None,
        proven=bool(found and found.signed),
        sender=stored.sender,
        subject=stored.subject,
        text=said.own,
        quoted=said.quoted,
        files=list(said.files),
        asks_to_stop=asks_to_stop(said.own, stored.subject),
        at=stored.received_at,
    )
    session.add(reply)
    session.flush()
    return reply


def is_kept(session: Session, stored: ReturnedMail) -> bool:
    """Whether this mail is a reply already."""
    same = select(Reply.id).where(Reply.fingerprint == stored.fingerprint)
    return session.scalar(same.limit(1)) is not None


def _writer(session: Session, sender: str, found: Match | None) -> Affiliate | None:
    """To whom we wrote, or else whose address it bears; one that several share names nobody.

    A test mail is filled with an affiliate's data and goes to a colleague.
    """
    if found is not None and found.mail.kind != "test" and found.mail.recipient_id is not None:
        return session.get(Affiliate, found.mail.recipient_id)
    if not sender:
        return None
    same = session.scalars(select(Affiliate).where(Affiliate.address == sender.lower()).limit(2)).all()
    return same[0] if len(same) == 1 else None


def _wrote_lately(session: Session, affiliate: Affiliate) -> int:
    since = utcnow() - timedelta(days=1)
    of_his = select(func.count()).where(Reply.affiliate_id == affiliate.id, Reply.at >= since)
    return session.scalar(of_his) or 0
