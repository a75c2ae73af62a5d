"""Takes in the source that somebody pasted: checked at once, judged by a job, and not kept after that."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import AuditEntry, User
from webapp.db import utcnow
from webapp.domains.lookup.resolver import Resolver
from webapp.domains.loop import store
from webapp.domains.loop.arrived import Arrived
from webapp.domains.models import LoopTest
from webapp.errors import Conflict, Invalid

LONGEST = 1_000_000  # bytes
PER_MINUTE = 6  # sources that one person may have judged
PASTED = "mail pasted to be judged"
NO_RECEIVED = "There is no Received header. Copy everything from the first line on: “Show original” gives it."


def take(
    session: Session, text: str, *, by: User | None, test: LoopTest | None = None, receiver: str = ""
) -> LoopTest:
    """Keep the source until the job has judged it; with `test` it must be the mail of that test. Raises `Invalid`."""
    _slow_down(session, by)
    raw = text.encode("utf-8", "replace")
    if len(raw) > LONGEST:
        raise Invalid({"source": f"This is more than {LONGEST // 1_000:,} KB. Paste the header alone."})
    mail = Arrived(raw, Resolver(), exact=False)  # nothing is asked here: every question is the judge's
    if not mail.mail.named("Received"):
        raise Invalid({"source": NO_RECEIVED})
    if test is None:
        test = LoopTest(domain=mail.domain, way=store.PASTE, by=by.id if by else None)
        session.add(test)
    elif test.state == store.JUDGED:
        raise Conflict("This test is judged already. Make a new one.")
    elif test.token not in mail.first("Subject"):
        raise Invalid(
            {"source": f"This is another mail: the subject of this test has the word {test.token}."}
        )
    test.state, test.source, test.until = store.JUDGING, raw, utcnow()
    test.receiver = receiver.strip().lower()[:253] or test.receiver
    audit.record(session, by, PASTED, test.domain)
    session.flush()
    store.prune(session)
    return test


def _slow_down(session: Session, by: User | None) -> None:
    """Each source makes us ask the DNS in somebody's name."""
    since = utcnow() - timedelta(minutes=1)
    pasted = select(func.count(AuditEntry.id)).where(
        AuditEntry.at > since, AuditEntry.action == PASTED, AuditEntry.user_id == (by.id if by else None)
    )
    if (session.scalar(pasted) or 0) >= PER_MINUTE:
        raise Conflict(f"You pasted {PER_MINUTE} mails within a minute. Wait a minute, then paste the next.")
