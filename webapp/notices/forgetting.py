"""Takes a person out of the notices about his mails. Their keys stay, so that nothing is taken in twice."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.mail.models import OutboxMail
from webapp.notices.models import Notice


def forget_recipient(session: Session, recipient_id: int) -> None:
    his = select(OutboxMail.id).where(OutboxMail.recipient_id == recipient_id)
    session.execute(
        update(Notice)
        .where(Notice.mail_id.in_(his))
        .values(raw=b"", recipient="", address="", provider_id="", sender="", message_id="", words="")
        .execution_options(synchronize_session=False)
    )
