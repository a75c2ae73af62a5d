"""Claims and records without any process: what a sender does in the database, one step at a time."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail.models import OutboxMail
from webapp.mail.outbox import rests
from webapp.mail.outbox.claim import Claim, Room, claim, prepare
from webapp.mail.outbox.pace import Pace
from webapp.mail.outbox.record import record
from webapp.mail.outbox.routing import Ways
from webapp.mail.ports import Server
from webapp.mail.sender.results import Result


def server(number: int = 1, pace: Pace | None = None, **limits: int) -> Server:
    spans: dict[str, int | None] = {
        f"max_per_{span}": limits.get(span) for span in ("second", "minute", "hour", "day")
    }
    return Server(
        id=number,
        name=f"Server {number}",
        kind="smtp",
        settings={},
        connections=4,
        paused=False,
        revision=1,
        pace=pace or Pace(),
        **spans,
    )


def claimed(
    desk: Desk,
    *rooms: Room,
    default_id: int | None = 1,
    sender_id: int = 7,
    later: float = 0.0,
    now: datetime | None = None,
    ways: Ways | None = None,
) -> list[Claim]:
    """One committed claim, for server 1 with plenty of room unless told otherwise."""
    with desk.session() as session:
        prepare(session)
        return claim(
            session,
            rooms or (Room(server(), 100),),
            sender_id=sender_id,
            ways=ways or Ways(default_id),
            slowed=rests.standing(session),
            now=(now or utcnow()) + timedelta(seconds=later),
            lease_seconds=600,
        )


def addresses(claims: list[Claim]) -> list[str]:
    return [mail.address for one in claims for mail in one.mails]


def tell(desk: Desk, of: Claim, status: str, place: int = 0, **words: object) -> None:
    """Record an outcome of one mail of a claim."""
    with desk.session() as session:
        record(session, [Result(of.mails[place].id, of.lease, status, of.server.id, **words)])  # type: ignore[arg-type]


def row_of(session: Session, address: str) -> OutboxMail:
    return session.scalars(select(OutboxMail).where(OutboxMail.address == address)).one()
