"""What the page of background work shows."""

from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from webapp.setbacks.models import Setback

LABELS = {
    "announcing.ending": "Telling that an offer ends",
    "announcing.tax": "Reminding of tax forms",
    "announcing.watch": "Telling the team of trouble",
    "api.clear": "Forgetting old answers of the API",
    "applications.tidy": "Forgetting unconfirmed applications",
    "broadcasts.start_due": "Starting scheduled messages",
    "domains.look": "Checking a domain when asked",
    "domains.recheck": "Checking domains again",
    "domains.watch_loop_test": "Waiting for the mail of a live test",
    "domains.sweep_loop_tests": "Looking after live tests that are open",
    "domains.sweep": "Finding domain checks that stopped",
    "feedback.fetch": "Reading the bounce mailbox",
    "feedback.look_into_the_mailbox": "Reading the bounce mailbox at once",
    "feedback.read_what_is_left": "Reading returned mail",
    "guards.clear": "Clearing old counts away",
    "guards.look": "Watching bounces and complaints",
    "imports.check": "Checking a file",
    "imports.import": "Importing a file",
    "imports.sweep": "Finding imports that stopped",
    "imports.tidy": "Clearing old imports away",
    "notices.sweep": "Matching notices",
    "reports.clear": "Clearing days of reports away",
    "reports.look": "Counting what reports show",
    "retention.clear": "Clearing away what is past its time",
    "digests.issue": "Sending digests of new offers",
    "segments.catch_up": "Reading outcomes for rules of segments",
    "tracking.take_in": "Counting clicks",
    "webhooks.tell": "Telling webhooks",
    "webhooks.tidy": "Clearing the log of webhooks away",
}
SORTS: dict[str, Any] = {
    "": Setback.tried_at.desc(),
    "oldest": Setback.since.asc(),
    "most": Setback.failures.desc(),
}


def listed(search: str = "", sort: str = "") -> Select[Setback]:
    """`search` looks for a piece, or for a job by its label."""
    query = select(Setback).order_by(SORTS.get(sort, SORTS[""]), Setback.job, Setback.item)
    if not search:
        return query
    jobs = [job for job, label in LABELS.items() if search.lower() in label.lower()]
    return query.where(or_(Setback.job.in_(jobs), Setback.item.icontains(search, autoescape=True)))


def standing(session: Session) -> int:
    """How many pieces of work have failed and not gone well since."""
    return session.scalar(select(func.count()).select_from(Setback)) or 0
