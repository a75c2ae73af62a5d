"""Loop tests that were made: looked up, and closed."""

from sqlalchemy import Select, delete, or_, select
from sqlalchemy.orm import Session

from webapp.db import begins_with, utcnow
from webapp.domains.loop.judging import Judged
from webapp.domains.models import LoopTest
from webapp.errors import NotFound

WAITING, JUDGING, JUDGED, MISSING = "waiting", "judging", "judged", "missing"
MAILBOX, PASTE = "mailbox", "paste"
KEPT = 500
SORTS = {"": LoopTest.id.desc(), "oldest": LoopTest.id.asc()}


def find(session: Session, number: int) -> LoopTest:
    test = session.get(LoopTest, number)
    if test is None:
        raise NotFound("There is no such test. The newest ones are under Domain check, Live test.")
    return test


def latest_judged(session: Session, domain: str) -> LoopTest | None:
    query = select(LoopTest).where(LoopTest.domain == domain, LoopTest.state == JUDGED)
    return session.scalars(query.order_by(LoopTest.id.desc()).limit(1)).first()


def listed(search: str = "", sort: str = "") -> Select[LoopTest]:
    """`search` is how the sending domain or the recipient's address begins."""
    query = select(LoopTest).order_by(SORTS.get(sort, SORTS[""]))
    if search:
        query = query.where(or_(begins_with(LoopTest.domain, search), begins_with(LoopTest.address, search)))
    return query


def open_numbers(session: Session) -> list[int]:
    """Tests for which a job has something to do: a mail is waited for, or a source lies here."""
    due = or_(LoopTest.state == JUDGING, (LoopTest.state == WAITING) & (LoopTest.way == MAILBOX))
    return list(session.scalars(select(LoopTest.id).where(due).order_by(LoopTest.id)))


def prune(session: Session) -> None:
    """Forget all but the newest `KEPT` tests."""
    old = select(LoopTest.id).order_by(LoopTest.id.desc()).offset(KEPT)
    session.execute(delete(LoopTest).where(LoopTest.id.in_(list(session.scalars(old)))))


def judge(test: LoopTest, judged: Judged) -> None:
    """Keep the verdicts; what arrived is not kept."""
    test.state, test.dkim, test.results = JUDGED, judged.dkim, judged.results
    test.domain, test.source, test.trouble, test.judged_at = judged.domain, b"", "", utcnow()


def miss(test: LoopTest, trouble: str) -> None:
    test.state, test.trouble, test.source = MISSING, trouble, b""
