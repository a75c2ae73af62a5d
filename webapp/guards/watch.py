"""Stops what must not go on: a message as soon as its bounces or complaints say so, and a domain's announcements.

Only a person lets it go on. What stood when a guard paused is taken off the next judgement, so that whoever resumes
begins anew and is not stopped again for the same mails.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.broadcasts.models import Broadcast
from webapp.db import inserting, utcnow
from webapp.desk import Desk
from webapp.guards import figures
from webapp.guards.judgement import Judgement
from webapp.guards.models import GuardPause, MailingCount
from webapp.guards.rules import bounces, complaints
from webapp.guards.tally import day_of, is_gone
from webapp.mail.events import Happened, MailEvent
from webapp.mail.models import Mailing, OutboxMail
from webapp.mail.outbox import control
from webapp.mail.outbox.routing import sender_domain
from webapp.mail.states import Kind, MailingState, State

WEEK = 7
WHO = "guard"


def heard(session: Session, event: Mapping[str, Any]) -> None:
    """An event was recorded just now, in this transaction: count it for its mailing, and judge that one at once."""
    kind, hard = event["kind"], event.get("severity") == "hard"
    counts = kind == Happened.COMPLAINED or (kind == Happened.BOUNCED and hard)
    if not event.get("verified") or not counts or not _is_first(session, event):
        return
    mailing_id = session.scalar(select(OutboxMail.mailing_id).where(OutboxMail.id == event["mail_id"]))
    if mailing_id is not None:
        _count(session, mailing_id, "complained" if kind == Happened.COMPLAINED else "hard")
        judge_mailing(session, mailing_id)


def look(desk: Desk) -> int:
    """Judge whatever is being sent; how many mailings were paused."""
    with desk.session() as session:
        running = session.scalars(
            select(Mailing.id).where(Mailing.state == MailingState.RUNNING.value).order_by(Mailing.id)
        ).all()
        before = _pauses(session)
        for mailing_id in running:
            judge_mailing(session, mailing_id)
        _judge_domains(session)
        return _pauses(session) - before


def judge_mailing(session: Session, mailing_id: int) -> None:
    """Pause this mailing if its own bounces or complaints ask for it."""
    mailing = session.get(Mailing, mailing_id, populate_existing=True)
    if mailing is None or mailing.state != MailingState.RUNNING:
        return
    counts = session.get(MailingCount, mailing_id, populate_existing=True) or MailingCount(
        hard=0, complained=0
    )
    gone = _gone(session, mailing)
    hard, sent = counts.hard + gone, mailing.sent + gone
    if _stopped(session, mailing, "P02", hard, sent):
        return
    _stopped(session, mailing, "P01", counts.complained, max(0, mailing.sent - counts.hard))


def _stopped(session: Session, mailing: Mailing, rule: str, bad: int, sent: int) -> bool:
    last = _last(session, rule, GuardPause.mailing_id == mailing.id, GuardPause.whole.is_(False))
    new_bad, new_sent = bad - (last.bad if last else 0), sent - (last.sent if last else 0)
    judged = bounces if rule == "P02" else complaints
    if not judged.stops(new_bad, new_sent):
        return False
    what = "this message" if last is None else "this message since it was resumed"
    _pause(
        session, mailing, judged.judge(new_bad, new_sent, what), GuardPause(bad=bad, sent=sent, whole=False)
    )
    return True


def _judge_domains(session: Session) -> None:
    """Announcements only: a link for a new password must leave whatever became of the news."""
    running = select(Mailing).where(
        Mailing.state == MailingState.RUNNING.value, Mailing.kind == Kind.ANNOUNCEMENT.value
    )
    streams: dict[str, list[Mailing]] = {}
    for mailing in session.scalars(running.order_by(Mailing.id)):
        streams.setdefault(sender_domain(mailing.content.draft), []).append(mailing)
    for sender, mailings in sorted(streams.items()):
        _judge_stream(session, sender, mailings)


def _judge_stream(session: Session, sender: str, mailings: Sequence[Mailing]) -> None:
    now = utcnow()
    for rule, span, what in (("P02", WEEK, f"{sender} in {WEEK} days"), ("P01", 1, f"{sender} today")):
        days = figures.days_back(now, span)
        last = _last(session, rule, GuardPause.sender == sender, GuardPause.whole)
        begins = max(days[0], last.day) if last else days[0]
        sums = figures.total(session, sender, [begins, days[-1]], kind=Kind.ANNOUNCEMENT.value)
        bad, sent = (sums.bad, sums.sent) if rule == "P02" else (sums.complained, sums.delivered)
        if last and last.day == begins:
            bad, sent = bad - last.bad, sent - last.sent
        judged = bounces if rule == "P02" else complaints
        if not judged.stops(bad, sent):
            continue
        today = figures.total(session, sender, [days[-1]], kind=Kind.ANNOUNCEMENT.value)
        stood = (today.bad, today.sent) if rule == "P02" else (today.complained, today.delivered)
        for mailing in mailings:
            if mailing.state == MailingState.RUNNING:
                mark = GuardPause(bad=stood[0], sent=stood[1], whole=True)
                _pause(session, mailing, judged.judge(bad, sent, what), mark)


def _pause(session: Session, mailing: Mailing, verdict: Judgement, mark: GuardPause) -> None:
    words = f"{verdict.words} {verdict.remedy}".strip()
    control.pause(session, mailing.id, words)
    mark.mailing_id, mark.rule, mark.words = mailing.id, verdict.rule, verdict.words
    mark.sender, mark.day = sender_domain(mailing.content.draft), day_of(utcnow())
    session.add(mark)
    name = session.scalar(select(Broadcast.name).where(Broadcast.mailing_id == mailing.id))
    audit.record(
        session, WHO, "message.paused", name or f"mailing {mailing.id}", rule=verdict.rule, why=verdict.words
    )
    session.flush()


def _last(session: Session, rule: str, *where: Any) -> GuardPause | None:
    query = select(GuardPause).where(GuardPause.rule == rule, *where).order_by(GuardPause.id.desc())
    return session.scalars(query.limit(1)).first()


def _pauses(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(GuardPause)) or 0


def _is_first(session: Session, event: Mapping[str, Any]) -> bool:
    same = select(func.count()).where(
        MailEvent.mail_id == event["mail_id"],
        MailEvent.kind == event["kind"],
        MailEvent.severity == event.get("severity", ""),
        MailEvent.verified,
    )
    return session.scalar(same) == 1


def _count(session: Session, mailing_id: int, column: str) -> None:
    insert = inserting(session, MailingCount).values(
        mailing_id=mailing_id, hard=int(column == "hard"), complained=int(column == "complained")
    )
    grown = {column: getattr(MailingCount, column) + 1}
    session.execute(insert.on_conflict_do_update(index_elements=["mailing_id"], set_=grown))


def _gone(session: Session, mailing: Mailing) -> int:
    """Those of its failed mails whose address does not exist, by the server's answer."""
    if not mailing.failed:
        return 0
    codes = (
        select(OutboxMail.code, func.count())
        .where(OutboxMail.mailing_id == mailing.id, OutboxMail.state == State.FAILED.value)
        .group_by(OutboxMail.code)
    )
    return sum(count for code, count in session.execute(codes) if is_gone(code))
