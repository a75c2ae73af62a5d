"""What somebody started must not go on in his name once he may not send any more."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.mail.models import Mailing
from webapp.mail.outbox import control
from webapp.mail.states import MailingState

SENDING_RIGHTS = frozenset({"send_to_all", "send_to_own_affiliates"})


def pause_if_barred(session: Session, user: User) -> None:
    """Pause the user's running mailings if he holds no right to send now; whoever may send can resume them."""
    if any(user.may(right) for right in SENDING_RIGHTS):
        return
    running = select(Mailing.id).where(
        Mailing.created_by == user.id, Mailing.state == MailingState.RUNNING.value
    )
    for mailing_id in session.scalars(running).all():
        control.pause(
            session,
            mailing_id,
            f"{user.name}, who started it, may not send mail any more. Resume it if it shall go on.",
        )
