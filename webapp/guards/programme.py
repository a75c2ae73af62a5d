"""Reads what each rule judges, for one sending domain; the rules themselves know no database."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.affiliates.models import Affiliate
from webapp.among import among
from webapp.guards import figures
from webapp.guards.figures import Sums
from webapp.guards.judgement import Judgement
from webapp.guards.models import FeedbackLoop
from webapp.guards.rules import (
    addresses,
    barred,
    bounces,
    complaints,
    loops,
    ramp,
    slowed,
    streams,
    threshold,
)
from webapp.guards.rules.threshold import BULK
from webapp.guards.watch import WEEK
from webapp.mail import suppressions
from webapp.mail.models import Attempt, OutboxMail, ServerRest
from webapp.mail.states import Kind
from webapp.settings.models import MailServer
from webapp.verdict import WORST_FIRST, Verdict

MONTH = 30
TO_ONE = "What goes to one receiver stops nothing by itself. Look whom you write to there, and write to fewer of them for now."
NEWEST = 500  # suppressions that are looked at
MOST_AFFILIATES = 20_000  # whose addresses are looked at
NOT_KEPT = (
    ("P06", "Consent", "Where an affiliate’s consent came from is not recorded here."),
    ("P07", "Confirmed sign-up", "Whether an affiliate confirmed his address is not recorded here."),
    ("P13", "Inactivity", "Who has long not answered is not judged here."),
)


def judgements(
    session: Session, sender: str, now: datetime, recipients: Sequence[tuple[str, Sums]] = ()
) -> list[Judgement]:
    """All of them, what needs somebody first. `recipients` are domains with their sums of a week."""
    found = [
        *_rates(session, sender, now),
        *_by_recipient(sender, recipients),
        _growth(session, sender, now),
        _gmail(session, sender, now),
        _streams(session, now),
        opt_outs(session),
        _slowed(session, now),
        loops.judge(done_loops(session), now),
        list_quality(session),
        *(Judgement(rule, title, Verdict.UNKNOWN, words) for rule, title, words in NOT_KEPT),
        Judgement(
            "P14",
            "Consent to tracking",
            Verdict.NOT_NEEDED,
            "No opens are counted here, so none is asked for.",
        ),
    ]
    return sorted(found, key=lambda one: WORST_FIRST.index(one.verdict))


def _rates(session: Session, sender: str, now: datetime) -> Iterator[Judgement]:
    today, week = figures.days_back(now, 1), figures.days_back(now, WEEK)
    one_day, seven = figures.total(session, sender, today), figures.total(session, sender, week)
    yield complaints.judge(one_day.complained, one_day.delivered, f"{sender} today")
    yield bounces.judge(seven.bad, seven.sent, f"{sender} in {WEEK} days")


def _by_recipient(sender: str, recipients: Sequence[tuple[str, Sums]]) -> Iterator[Judgement]:
    """Only what is wrong: a receiver of whom nothing is said is fine."""
    for name, sums in recipients:
        for one in (
            complaints.judge(sums.complained, sums.delivered, f"{sender} to {name} in {WEEK} days"),
            bounces.judge(sums.bad, sums.sent, f"{sender} to {name} in {WEEK} days"),
        ):
            if one.verdict in (Verdict.WARN, Verdict.FAIL):
                yield replace(one, remedy=TO_ONE, evidence=())


def _growth(session: Session, sender: str, now: datetime) -> Judgement:
    days = figures.days_back(now, WEEK + 1)
    found = figures.daily(session, sender, days)
    before = [found[day].accepted for day in days[:-1] if day in found]
    return ramp.judge(found.get(days[-1], figures.Sums()).accepted, max(before, default=0))


def _gmail(session: Session, sender: str, now: datetime) -> Judgement:
    days = figures.to_gmail(session, sender)
    lately = set(figures.days_back(now, MONTH))
    busiest = max((count for day, count in days.items() if day in lately), default=0)
    return threshold.judge(busiest, min((day for day, count in days.items() if count >= BULK), default=""))


def _streams(session: Session, now: datetime) -> Judgement:
    days = figures.days_back(now, MONTH)
    return streams.judge(
        *(figures.kinds_sent(session, days, kind.value) for kind in (Kind.ANNOUNCEMENT, Kind.OPERATIONAL))
    )


def opt_outs(session: Session) -> Judgement:
    """Whether one of the newest suppressed addresses was mailed after all."""
    newest = {one.address: one for one in suppressions.find(session, limit=NEWEST)}
    mails = select(OutboxMail.id, OutboxMail.address, OutboxMail.kind).where(
        among(OutboxMail.address, newest)
    )
    about = {
        number: newest[address]
        for number, address, kind in session.execute(mails)
        if newest[address].scope == suppressions.ALL or kind == Kind.ANNOUNCEMENT
    }
    tries = select(Attempt.mail_id, Attempt.at).where(
        among(Attempt.mail_id, about), Attempt.status == "accepted"
    )
    grace = timedelta(seconds=barred.GRACE)
    late = {about[mail].address for mail, at in session.execute(tries) if at > about[mail].created_at + grace}
    return barred.judge(len(newest), len(late))


def _slowed(session: Session, now: datetime) -> Judgement:
    rows = session.execute(
        select(ServerRest.domain, ServerRest.words, MailServer.name)
        .join(MailServer, MailServer.id == ServerRest.server_id)
        .where(ServerRest.until > now)
    )
    return slowed.judge([f"{domain or 'everybody'} at {name}: {words}" for domain, words, name in rows])


def done_loops(session: Session) -> dict[str, datetime]:
    return {one.name: one.done_at for one in session.scalars(select(FeedbackLoop))}


def list_quality(session: Session) -> Judgement:
    active = select(Affiliate.address).where(Affiliate.status == "active").order_by(Affiliate.id)
    return addresses.judge(session.scalars(active.limit(MOST_AFFILIATES)))
