"""What came back to the invented network: some mails that bounced after they were accepted, and now and then a complaint."""

import random
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from webapp.mail.events import Happened, MailEvent
from webapp.mail.models import Mailing, OutboxMail
from webapp.mail.states import State

WORDS = {
    "hard": ("5.1.1", "550 5.1.1 The email account that you tried to reach does not exist"),
    "soft": ("4.2.2", "452 4.2.2 The recipient’s inbox is out of storage space"),
}


def come_back(session: Session, mailing: Mailing, dice: random.Random) -> None:
    """Four hard and two soft bounces of a thousand mails, and a complaint of two thousand."""
    sent = OutboxMail.mailing_id == mailing.id, OutboxMail.state == State.SENT.value
    mails = session.execute(select(OutboxMail.id, OutboxMail.changed_at).where(*sent)).all()
    chosen = iter(dice.sample(mails, len(mails) // 140))
    kinds = ["hard"] * (len(mails) // 250) + ["soft"] * (len(mails) // 500)
    rows = [_bounce(mail, kind, dice) for kind, mail in zip(kinds, chosen, strict=False)]
    if len(mails) > 1_000 and (mail := next(chosen, None)):
        rows.append(_event(mail, Happened.COMPLAINED, dice))
    if rows:
        session.execute(insert(MailEvent), rows)


def _bounce(mail: Any, severity: str, dice: random.Random) -> dict[str, Any]:
    status, words = WORDS[severity]
    return _event(mail, Happened.BOUNCED, dice) | {"severity": severity, "status": status, "words": words}


def _event(mail: Any, kind: Happened, dice: random.Random) -> dict[str, Any]:
    at = mail.changed_at + timedelta(minutes=dice.randint(2, 40))
    plain = {"severity": "", "status": "", "words": "", "verified": True}
    return {"key": f"demo:{mail.id}:{kind.value}", "mail_id": mail.id, "kind": kind.value, "at": at, **plain}
