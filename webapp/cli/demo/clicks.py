"""The clicks of the invented network: people over some days, and the scanners that open every link in the first minute."""

import random
from datetime import timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from webapp.db import utcnow
from webapp.mail.clicks import Click
from webapp.mail.models import Mailing, OutboxMail
from webapp.mail.states import State
from webapp.tracking.machines import ALL_LINKS

LINKS = (
    "https://northlight.example/offers/solara?a=[=Affiliate.ID=]",
    "https://northlight.example/calendar",
    "https://northlight.example/help",
)
WEIGHTS = (6, 2, 1)


def click(session: Session, mailing: Mailing, dice: random.Random) -> None:
    """A fifth of those whose mail was accepted click, and a tenth have a scanner before them."""
    sent = OutboxMail.mailing_id == mailing.id, OutboxMail.state == State.SENT.value
    rows, now = [], utcnow()
    for mail in session.execute(select(OutboxMail.id, OutboxMail.changed_at).where(*sent)):
        if dice.random() < 0.1:
            at = mail.changed_at + timedelta(seconds=30)
            rows += [(mail.id, link, ALL_LINKS, at) for link in range(len(LINKS))]
        if dice.random() < 0.2:
            at = mail.changed_at + timedelta(minutes=dice.expovariate(1 / 300))
            rows.append((mail.id, dice.choices(range(len(LINKS)), WEIGHTS)[0], "", min(at, now)))
    fields = ("mail_id", "link", "machine", "at")
    clicks = [dict(zip(fields, row, strict=True)) for row in rows]
    session.execute(
        insert(Click),
        [one | {"key": f"demo:{mailing.id}:{n}", "mailing_id": mailing.id} for n, one in enumerate(clicks)],
    )
