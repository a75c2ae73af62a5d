"""Takes a person out of the mail that came back. That something came back stays, and what it led to."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from webapp.feedback.models import ReturnedMail
from webapp.mail.consents import Consent
from webapp.mail.models import OutboxMail


def forget_recipient(session: Session, recipient_id: int) -> None:
    """Empty whatever came back of this affiliate's mails. The fingerprints stay, so that nothing is taken in twice.

    What he chose goes too: that he is not to be written to stays with the suppressions.
    """
    his = select(OutboxMail.id).where(OutboxMail.recipient_id == recipient_id)
    session.execute(
        update(ReturnedMail)
        .where(ReturnedMail.mail_id.in_(his))
        .values(raw=b"", sender="", subject="")
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(Consent).where(Consent.recipient_id == recipient_id))
