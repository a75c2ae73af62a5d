"""Keeps the report of each message: counted beside the pages when something was heard, and for good when its mails go."""

import threading
import time
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, undefer

from webapp.broadcasts.models import Broadcast
from webapp.db import inserting, utcnow
from webapp.desk import Desk
from webapp.mail.models import Mailing
from webapp.reports import parts
from webapp.reports.jobs import LOOK
from webapp.reports.models import MailingReport
from webapp.reports.parts import Parts
from webapp.setbacks.work import Pieces

LIVE = 2_000  # mails of a mailing that are counted while its page is made
LONGEST = 20.0  # seconds of one run; the next one goes on


def of_mailing(session: Session, mailing: Mailing) -> tuple[Parts, datetime | None]:
    """The report, and when it was counted: now for a small mailing whose mails are all there, else by the job; None if
    that has not been its turn yet.
    """
    if mailing.total <= LIVE:
        now = parts.count(session, mailing)
        if now.rows >= mailing.total:
            return now, utcnow()
    kept = session.get(MailingReport, mailing.id, options=[undefer(MailingReport.parts)])
    if kept is None or kept.counted_at is None:
        return Parts(0, [], []), None
    return Parts.from_dict(kept.parts), kept.counted_at


def keep(desk: Desk, stopping: threading.Event | None = None) -> int:
    """Count whatever was heard of since the last time; how many messages that were."""
    ends, done = time.monotonic() + LONGEST, 0
    with desk.reading() as session:
        due = session.execute(_due()).all()
    pieces = Pieces(desk, LOOK)
    for mailing_id, heard in due:
        if time.monotonic() > ends or (stopping is not None and stopping.is_set()):
            break
        with pieces.apart(f"mailing #{mailing_id}"):
            _keep(desk, mailing_id, heard or 0)
        done += 1
    return done


def _due() -> Select[int, int | None]:
    """Mailings of messages of which something was heard, that have ended, or that were never counted."""
    report = MailingReport
    new = report.mailing_id.is_(None) | report.counted_at.is_(None) | (report.heard != report.counted)
    ended = Mailing.finished_at > report.counted_at
    rows = select(Mailing.id, report.heard).join(Broadcast, Broadcast.mailing_id == Mailing.id)
    rows = rows.outerjoin(report, report.mailing_id == Mailing.id)
    return rows.where(or_(new, ended)).order_by(Mailing.id.desc())


def _keep(desk: Desk, mailing_id: int, heard: int) -> None:
    """What was counted stays when the mails of an old message are cleared away."""
    with desk.reading() as session:
        now = utcnow()
        mailing = session.get_one(Mailing, mailing_id)
        found = parts.count(session, mailing)
        before = session.get(MailingReport, mailing_id)
        whole = found.rows >= mailing.total or before is None or before.counted_at is None
    values = {"counted": heard, "counted_at": now}
    if whole:
        values |= {"totals": found.totals, "parts": found.as_dict()}
    with desk.session() as session:
        row = {"mailing_id": mailing_id, "heard": heard, "totals": {}, "parts": {}} | values
        insert = inserting(session, MailingReport).values(**row)
        session.execute(insert.on_conflict_do_update(index_elements=["mailing_id"], set_=values))
