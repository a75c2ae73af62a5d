"""The two mails of this feature: an invitation and the link for a new password. What they say is in their templates."""

from datetime import timedelta

from sqlalchemy.orm import Session

from webapp.accounts import links
from webapp.accounts.models import User
from webapp.accounts.ports import letter
from webapp.desk import Desk
from webapp.mail.outbox.enqueue import enqueue_one

CONTEXT = "password_reset"
INVITATION, RESET = "invitation", "password_reset"


def invitation(session: Session, desk: Desk, user: User, url: str) -> bool:
    """Put the invitation into the outbox; False while the network has no address to write from."""
    return _send(session, desk, user, url, INVITATION, links.LIFETIMES[links.INVITATION])


def reset(session: Session, desk: Desk, user: User, url: str) -> bool:
    """Put the link for a new password into the outbox; False as above."""
    return _send(session, desk, user, url, RESET, links.LIFETIMES[links.RESET])


def _send(session: Session, desk: Desk, user: User, url: str, template: str, patience: timedelta) -> bool:
    content = letter(session, desk, template)
    if content is None or not content.from_address:
        return False
    mail = enqueue_one(
        session,
        desk.vault,
        key=f"{CONTEXT}:{links.hashed(url.rpartition('/')[2])}"[:80],
        content=content.as_dict(),
        context=CONTEXT,
        address=user.email,
        values={"passwordreset.link": url, "affiliate.firstname": user.first_name},
        patience=patience,  # later than that the link is of no use
    )
    return mail.state == "queued"
