"""Takes a person out of the mail that came back. That something came back stays, and what it led to."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.feedback.models import ReturnedMail
from webapp.mail.models import OutboxMail


def forget_recipient(session: Session, recipient_id: int) -> None:
    """Empty whatever came back of this affiliate's mails. The fingerprints stay, so that nothing is taken in twice."""
    his = select(OutboxMail.id).where(OutboxMail.recipient_id == recipient_id)
    session.execute(
        update(ReturnedMail)
        .where(ReturnedMail.mail_id.in_(his))
        .values(raw=b"", sender="", subject="")
        .execution_options(synchronize_session=False)
    )
