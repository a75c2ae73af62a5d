"""Requests that were made under an Idempotency-Key, and their answers.

The claim is committed before the work; the answer is kept in the transaction of the work, by the fence of the claim. So whatever
dies in between, there is either work with its answer or neither, and a try that was taken over can store nothing.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from webapp.api.models import KeptAnswer
from webapp.db import inserting, utcnow
from webapp.desk import Desk
from webapp.errors import Conflict

KEPT = timedelta(hours=24)
LEASE = timedelta(minutes=2)  # so long a try may take; then it counts as dead and the next may work
ERASED = (410, "This answer named a person who was erased since. What was asked for was done.")


class Busy(Conflict):
    """Somebody is working on the same request, or has taken it over."""


class Reused(Conflict):
    """The same key came with something else."""


@dataclass(frozen=True)
class Claim:
    """The right to do a request: the row, and the number of the try."""

    row: int
    fence: int


def claim(opened: Desk, key_id: int, request: str, content: bytes) -> Claim | KeptAnswer:
    """Take a request on, or the answer that it got before. `request` names method, address and Idempotency-Key."""
    named, held = _hashed(request.encode()), _hashed(content)
    wanted = select(KeptAnswer).where(KeptAnswer.key_id == key_id, KeptAnswer.request == named)
    with opened.reading() as session:  # nobody waits for the database only to hear that he is late
        row = session.scalar(wanted)
        if row is not None and not _free(row, utcnow()):
            return _told(row, held)
    with opened.session() as session:
        now = utcnow()
        adding = inserting(session, KeptAnswer).values(
            key_id=key_id, request=named, content=held, fence=1, claimed_at=now, created_at=now
        )
        adding = adding.on_conflict_do_nothing(index_elements=["key_id", "request"])
        if number := session.scalar(adding.returning(KeptAnswer.id)):
            return Claim(number, 1)
        return _taken_over(session.scalars(wanted.with_for_update()).one(), held, now)


def _taken_over(row: KeptAnswer, held: str, now: datetime) -> Claim | KeptAnswer:
    if not _free(row, now):
        return _told(row, held)
    if _over(row, now):
        row.content, row.created_at = held, now
    elif row.content != held:
        raise Reused
    row.fence, row.claimed_at, row.status, row.answer = row.fence + 1, now, None, ""
    return Claim(row.id, row.fence)


def keep(session: Session, taken: Claim, status: int, answer: str, mimetype: str) -> None:
    """Keep the answer together with the work; `Busy` if another try has taken over."""
    kept = session.execute(
        update(KeptAnswer)
        .where(KeptAnswer.id == taken.row, KeptAnswer.fence == taken.fence, KeptAnswer.status.is_(None))
        .values(status=status, answer=answer, mimetype=mimetype)
        .returning(KeptAnswer.id)
    )
    if kept.first() is None:
        raise Busy


def release(opened: Desk, taken: Claim) -> None:
    """Nothing was done: the next try may."""
    with opened.session() as session:
        mine = (KeptAnswer.id == taken.row, KeptAnswer.fence == taken.fence, KeptAnswer.status.is_(None))
        session.execute(delete(KeptAnswer).where(*mine))


def clear(session: Session, now: datetime) -> int:
    """Forget answers that are past their time; how many."""
    gone = delete(KeptAnswer).where(KeptAnswer.created_at < now - KEPT).returning(KeptAnswer.id)
    return len(session.scalars(gone).all())


def forget(session: Session, number: str, address: str) -> None:
    """Empty answers that name a person who is erased. That something was done stays known, so that it isn't done again."""
    status, words = ERASED
    names = [address, *([json.dumps(number, ensure_ascii=False)] if number else [])]
    told = [KeptAnswer.answer.icontains(name, autoescape=True) for name in names]
    session.execute(
        update(KeptAnswer)
        .where(or_(*told), KeptAnswer.status.is_not(None))
        .values(status=status, answer=json.dumps({"title": "Erased", "status": status, "detail": words}))
        .execution_options(synchronize_session=False)
    )


def _free(row: KeptAnswer, now: datetime) -> bool:
    return _over(row, now) or (row.status is None and row.claimed_at < now - LEASE)


def _over(row: KeptAnswer, now: datetime) -> bool:
    return row.created_at < now - KEPT


def _told(row: KeptAnswer, held: str) -> KeptAnswer:
    if row.content != held:
        raise Reused
    if row.status is None:
        raise Busy
    return row


def _hashed(told: bytes) -> str:
    return sha256(told).hexdigest()
