"""Mailings of a domain, with mails that were accepted, refused, bounced or complained about."""

from datetime import datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from tests.mail.conftest import draft
from webapp.broadcasts.models import Broadcast
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.guards import tally, watch
from webapp.mail import events
from webapp.mail.models import Attempt, MailContent, Mailing, OutboxMail

NOTHING = timedelta(seconds=-5)
_numbers = count()


class Programme:
    """`start` a mailing, then say what became of its mails."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def start(self, people: int, *, sender: str = "news.example.com", kind: str = "announcement") -> int:
        """A running mailing to so many people, none of whom got it yet."""
        with self.desk.session() as session:
            content = MailContent(draft=dict(draft(), from_address=f"desk@{sender}"))
            session.add(content)
            session.flush()
            mailing = Mailing(content_id=content.id, kind=kind, total=people, queued=people)
            session.add(mailing)
            session.flush()
            session.add(Broadcast(name=f"To {people}", kind=kind, mailing_id=mailing.id, audience="all"))
            rows = [
                {
                    "key": f"{mailing.id}:{n}",
                    "mailing_id": mailing.id,
                    "content_id": content.id,
                    "address": f"p{n}@{'gmail.com' if n % 2 else 'x.example'}",
                    "kind": kind,
                }
                for n in range(people)
            ]
            session.execute(insert(OutboxMail), rows)
            return mailing.id

    def sent(
        self,
        mailing_id: int,
        how_many: int,
        *,
        at: datetime | None = None,
        status: str = "accepted",
        code: str = "250",
    ) -> list[int]:
        """So many of those that wait get this answer."""
        state = {"accepted": "sent", "rejected": "failed", "deferred": "deferred"}[status]
        with self.desk.session() as session:
            waiting = select(OutboxMail.id).where(
                OutboxMail.mailing_id == mailing_id, OutboxMail.state == "queued"
            )
            ids = list(session.scalars(waiting.order_by(OutboxMail.id).limit(how_many)))
            assert len(ids) == how_many
            session.execute(update(OutboxMail).where(OutboxMail.id.in_(ids)).values(state=state, code=code))
            session.execute(
                insert(Attempt),
                [
                    {
                        "mail_id": one,
                        "lease": 1,
                        "number": 1,
                        "status": status,
                        "code": code,
                        "at": at or utcnow(),
                    }
                    for one in ids
                ],
            )
            mailing = session.get_one(Mailing, mailing_id)
            mailing.queued -= how_many
            setattr(mailing, state, getattr(mailing, state) + how_many)
        return ids

    def happened(
        self, mail_ids: list[int], kind: str = "bounced", severity: str = "hard", **more: object
    ) -> None:
        """Each of these mails led to this event."""
        with self.desk.session() as session:
            for one in mail_ids:
                happen(session, one, kind, severity, **more)

    def look(self) -> int:
        tally.catch_up(self.desk, settled=NOTHING)
        return watch.look(self.desk)

    def state(self, mailing_id: int) -> tuple[str, str]:
        with self.desk.reading() as session:
            mailing = session.get_one(Mailing, mailing_id)
            return mailing.state, mailing.reason


def happen(session: Session, mail_id: int, kind: str, severity: str, **more: object) -> None:
    severity = severity if kind == "bounced" else ""
    event = {
        "key": f"t:{next(_numbers)}",
        "mail_id": mail_id,
        "kind": kind,
        "severity": severity,
        "verified": True,
    }
    assert events.record(session, event | more)


@pytest.fixture
def programme(desk: Desk) -> Programme:
    return Programme(desk)
