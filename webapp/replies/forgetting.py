"""Takes a person out of what he wrote. His replies go with the affiliate; here the mails go that they were read from."""

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from webapp.affiliates.models import Affiliate
from webapp.feedback.models import ReturnedMail
from webapp.replies.models import Reply


def forget(session: Session, number: str, address: str) -> None:
    """Implements the port of affiliates. Mail from his address that belongs to nothing of ours is emptied too."""
    his = select(Affiliate.id).where(
        Affiliate.address == address, func.coalesce(Affiliate.affiliate_id, "") == number
    )
    written = select(Reply.returned_id).where(Reply.affiliate_id.in_(his))
    loose = (ReturnedMail.sender == address) & ReturnedMail.mail_id.is_(None)
    session.execute(
        update(ReturnedMail)
        .where(or_(ReturnedMail.id.in_(written), loose))
        .values(raw=b"", sender="", subject="")
        .execution_options(synchronize_session=False)
    )
