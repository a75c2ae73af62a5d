"""Which mail of ours is a notice about? By the id that the service gave it, else by what only we could have written."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.feedback.matching import mail_with_message_id
from webapp.mail import verp
from webapp.mail.compose import wire_domain
from webapp.mail.models import OutboxMail
from webapp.notices.models import Notice
from webapp.vault import Vault


def match(session: Session, vault: Vault, notice: Notice) -> OutboxMail | None:
    """The mail, if it went to the very recipient that the notice names; None otherwise."""
    mail = _with_provider_id(session, notice) or _by_our_own(session, vault, notice)
    return mail if mail is not None and _same(mail.address, notice.recipient) else None


def _with_provider_id(session: Session, notice: Notice) -> OutboxMail | None:
    """Among the mails to that address, for which there is an index: a service's ids need none of their own."""
    if not (notice.provider_id and notice.recipient):
        return None
    spellings = {notice.recipient, notice.address}
    query = select(OutboxMail).where(
        OutboxMail.address.in_(sorted(spellings)), OutboxMail.provider_id == notice.provider_id
    )
    return session.scalars(query.order_by(OutboxMail.id.desc()).limit(1)).first()


def _by_our_own(session: Session, vault: Vault, notice: Notice) -> OutboxMail | None:
    """The signed envelope sender, or the Message-ID: both are known before the service's answer is recorded."""
    number = verp.mail_named_by(vault, [notice.sender])
    mail = session.get(OutboxMail, number) if number is not None else None
    if mail is None and notice.message_id:
        mail = mail_with_message_id(session, notice.message_id)
    strangers = mail is not None and mail.provider_id and mail.provider_id != notice.provider_id
    return None if strangers else mail


def _same(ours: str, told: str) -> bool:
    return _on_the_wire(ours) == _on_the_wire(told)


def _on_the_wire(address: str) -> str:
    local, _, domain = address.strip().lower().rpartition("@")
    try:
        return f"{local}@{wire_domain(domain)}"
    except ValueError:
        return f"{local}@{domain}"
