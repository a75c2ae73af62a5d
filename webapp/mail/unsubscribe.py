"""The link with which a person leaves the news: a short signed token in the mail, a suppression when it is used.

The token names the mail and is signed with the instance's key. It does not expire, and it survives a rotation of the key.
"""

from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.orm import Session

from webapp.errors import NotFound
from webapp.mail import consents, links, suppressions
from webapp.mail.models import OutboxMail, Suppression
from webapp.vault import Vault

PURPOSE = "unsubscribe"
# No mail has this number: its link is genuine, belongs to nobody, and using it changes nothing.
THROW_AWAY = 0
LEFT = "unsubscribed"  # the reason that the person himself may take back


@dataclass(frozen=True)
class Leaver:
    """Whose link it is, and whether he has left already."""

    mail_id: int
    recipient_id: int | None
    address: str
    left: bool


def make_token(vault: Vault, mail_id: int) -> str:
    return links.make_token(vault, PURPOSE, mail_id)


def unsubscribe_url(vault: Vault, public_url: str, mail_id: int) -> str:
    """The address for one mail; under 60 characters with a usual host name."""
    return address(public_url) + make_token(vault, mail_id)


def address(public_url: str) -> str:
    """The same without the token behind it."""
    return f"{public_url.rstrip('/')}/u/"


def look(session: Session, vault: Vault, token: str) -> Leaver:
    """Whose link this is; changes nothing. `NotFound` for a forged or damaged one."""
    number = links.mail_of(vault, PURPOSE, token)
    if number == THROW_AWAY:
        return Leaver(THROW_AWAY, None, "nobody@example.com", False)
    mail = session.get(OutboxMail, number)
    if mail is None:
        raise NotFound("This link belongs to a mail that is not kept any more. Write to us instead.")
    left = suppressions.is_suppressed(session, mail.address, "announcement")
    return Leaver(mail.id, mail.recipient_id, mail.address, left)


def accept(session: Session, vault: Vault, token: str, way: str = consents.PAGE) -> Leaver:
    """Take the person off the news. Twice is the same as once. `way` is one of `consents.WAYS`."""
    leaver = look(session, vault, token)
    if leaver.mail_id == THROW_AWAY:
        return leaver
    new = suppressions.add(
        session, leaver.address, scope=suppressions.ANNOUNCEMENT, reason=LEFT, mail_id=leaver.mail_id
    )
    if new:
        _record(session, leaver, way, given=False)
    return leaver


def undo(session: Session, vault: Vault, token: str) -> Leaver:
    """Put him back on the news, if it was he who left; a block by staff stays."""
    leaver = look(session, vault, token)
    lifting = delete(Suppression).where(
        Suppression.address == suppressions.normal(leaver.address),
        Suppression.scope == suppressions.ANNOUNCEMENT,
        Suppression.reason == LEFT,
    )
    if session.scalars(lifting.returning(Suppression.id)).all():
        _record(session, leaver, consents.UNDONE, given=True)
    return leaver


def _record(session: Session, leaver: Leaver, way: str, *, given: bool) -> None:
    consents.record(
        session,
        leaver.address,
        suppressions.ANNOUNCEMENT,
        given=given,
        way=way,
        recipient_id=leaver.recipient_id,
        mail_id=leaver.mail_id,
    )
