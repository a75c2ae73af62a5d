"""Which mail of ours does this belong to? By its signed envelope sender, or by the Message-ID that it quotes."""

import re
from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.feedback.returned import Reading
from webapp.mail import verp
from webapp.mail.models import OutboxMail
from webapp.mail.outbox.identity import message_id
from webapp.vault import Vault

OURS = re.compile(r"<([1-9][0-9]{0,18})\.([0-9a-f]{16})@[^<>\s]{1,253}>")


@dataclass(frozen=True)
class Match:
    """`signed`: it came to an address that only this one mail carried."""

    mail: OutboxMail
    signed: bool


def match(session: Session, vault: Vault, reading: Reading) -> Match | None:
    """The mail that a returned mail is about; None if it is none of ours."""
    number = verp.mail_named_by(vault, reading.sent_to)
    if number is not None:
        mail = session.get(OutboxMail, number)
        if mail is not None:
            return Match(mail, signed=True)
    for quoted in reading.message_ids:
        mail = mail_with_message_id(session, quoted)
        if mail is not None:
            return Match(mail, signed=False)
    return None


def mail_with_message_id(session: Session, text: str) -> OutboxMail | None:
    """The mail whose Message-ID stands in the text; None if it is none of ours."""
    found = OURS.search(text)
    mail = session.get(OutboxMail, int(found[1])) if found else None
    if found is None or mail is None:
        return None
    genuine = message_id(mail.id, mail.key, mail.created_at, "x")
    return mail if genuine.startswith(f"<{found[1]}.{found[2]}@") else None
