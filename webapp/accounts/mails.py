"""The two mails of this feature: an invitation and the link for a new password. Operational both."""

from datetime import timedelta

from sqlalchemy.orm import Session

from webapp.accounts import links
from webapp.accounts.models import User
from webapp.accounts.ports import public_url, setting
from webapp.desk import Desk
from webapp.mail.compose import Draft
from webapp.mail.outbox.enqueue import enqueue_one

CONTEXT = "password_reset"
INVITATION = (
    "Your account at [=Network.Name|Offerpost=]",
    """<p>Hello [=Affiliate.FirstName|there=],</p>
<p>you have an account at the mail desk of [=Network.Name|our network=]. Choose a password, and you are in:</p>
<p><a href="[=PasswordReset.Link=]">Choose a password</a></p>
<p>The link works once, for seven days. You did not expect this mail? Then delete it; nothing happens.</p>""",
)
RESET = (
    "A new password for [=Network.Name|Offerpost=]",
    """<p>Hello [=Affiliate.FirstName|there=],</p>
<p>somebody, probably you, asked for a new password at the mail desk of [=Network.Name|our network=].</p>
<p><a href="[=PasswordReset.Link=]">Choose a new password</a></p>
<p>The link works once, for 30 minutes. It wasn’t you? Then delete this mail; your password stays as it is.</p>""",
)


def invitation(session: Session, desk: Desk, user: User, url: str) -> bool:
    """Put the invitation into the outbox; False while the network has no address to write from."""
    return _send(session, desk, user, url, INVITATION, links.LIFETIMES[links.INVITATION])


def reset(session: Session, desk: Desk, user: User, url: str) -> bool:
    """Put the link for a new password into the outbox; False as above."""
    return _send(session, desk, user, url, RESET, links.LIFETIMES[links.RESET])


def draft(session: Session, desk: Desk, text: tuple[str, str]) -> Draft:
    """One of the texts above under the network's identity."""
    return Draft(
        subject=text[0],
        html=text[1],
        from_name=setting(session, "from_name") or setting(session, "network_name"),
        from_address=setting(session, "from_address"),
        reply_to=setting(session, "reply_to") or None,
        sender=None,
        kind="operational",
        list_id=None,
        network_name=setting(session, "network_name"),
        postal_address=setting(session, "postal_address"),
        public_url=public_url(session, desk),
        domain_for_message_ids=setting(session, "from_address").rpartition("@")[2],
    )


def _send(
    session: Session, desk: Desk, user: User, url: str, text: tuple[str, str], patience: timedelta
) -> bool:
    content = draft(session, desk, text)
    if not content.from_address:
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
