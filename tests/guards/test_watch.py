"""A message that bounces or is complained about too much stops by itself, at the very mail, and goes on by a person only."""

from datetime import timedelta

from sqlalchemy import select

from tests.browser import Person
from tests.guards.conftest import Programme, happen
from webapp.accounts.models import AuditEntry
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.guards import jobs
from webapp.guards.models import GuardPause
from webapp.mail.models import Mailing, OutboxMail
from webapp.mail.outbox import control
from webapp.settings import store


def resume(desk: Desk, mailing_id: int) -> None:
    with desk.session() as session:
        control.resume(session, mailing_id)


def test_the_twentieth_hard_bounce_of_two_hundred_pauses_and_the_nineteenth_does_not(
    desk: Desk, programme: Programme
) -> None:
    mailing = programme.start(500)
    sent = programme.sent(mailing, 200)
    programme.happened(sent[:19])
    assert programme.state(mailing) == ("running", "")
    programme.happened(sent[19:20])
    state, reason = programme.state(mailing)
    assert (state, "20 of 200 mails of this message" in reason, "10.00 %" in reason) == ("paused", True, True)


def test_before_two_hundred_mails_nothing_is_judged(programme: Programme) -> None:
    mailing = programme.start(500)
    programme.happened(programme.sent(mailing, 199))
    assert programme.look() == 0
    programme.sent(mailing, 1)
    assert programme.look() == 1
    assert programme.state(mailing)[0] == "paused"


def test_refusals_at_once_count_like_bounces_if_they_speak_of_the_address(programme: Programme) -> None:
    policy, gone = programme.start(300), programme.start(300)
    for mailing, code in ((policy, "550 5.7.1"), (gone, "550 5.1.1")):
        programme.sent(mailing, 180)
        programme.sent(mailing, 20, status="rejected", code=code)
    assert programme.look() == 1
    assert (programme.state(policy)[0], programme.state(gone)[0]) == ("running", "paused")


def test_soft_unverified_and_repeated_bounces_stop_nothing(programme: Programme) -> None:
    mailing = programme.start(500)
    sent = programme.sent(mailing, 200)
    programme.happened(sent[:60], severity="soft")
    programme.happened(sent[:60], severity="unknown")
    programme.happened(sent[:60], verified=False)
    for _ in range(4):
        programme.happened(sent[:5])
    programme.happened(sent[:100], kind="delivered")
    assert programme.look() == 0
    assert programme.state(mailing) == ("running", "")


def test_three_complaints_of_a_thousand_pause_and_two_of_few_do_not(programme: Programme) -> None:
    large, small = programme.start(2_000), programme.start(600)
    programme.happened(programme.sent(small, 500)[:2], kind="complained")
    sent = programme.sent(large, 1_000)
    programme.happened(sent[:2], kind="complained")
    assert (programme.state(large)[0], programme.state(small)[0]) == ("running", "running")
    programme.happened(sent[2:3], kind="complained")
    state, reason = programme.state(large)
    assert (state, "3 of 1,000 delivered mails" in reason) == ("paused", True)


def test_who_resumes_begins_anew(desk: Desk, programme: Programme) -> None:
    mailing = programme.start(1_000)
    programme.happened(programme.sent(mailing, 200)[:20])
    assert programme.state(mailing)[0] == "paused"
    programme.look()
    resume(desk, mailing)
    more = programme.sent(mailing, 200)
    programme.happened(more[:19])
    assert programme.look() == 0
    assert programme.state(mailing)[0] == "running"
    programme.happened(more[19:20])
    assert "since it was resumed" in programme.state(mailing)[1]


def test_nothing_resumes_by_itself(programme: Programme) -> None:
    mailing = programme.start(1_000)
    sent = programme.sent(mailing, 200)
    programme.happened(sent[:20])
    programme.sent(mailing, 700)
    assert programme.look() == 0
    assert programme.state(mailing)[0] == "paused"


def test_a_domain_over_the_week_stops_its_announcements_and_not_the_rest(
    desk: Desk, programme: Programme
) -> None:
    for days in (6, 3, 1):
        old = programme.start(70)
        sent = programme.sent(old, 70, at=utcnow() - timedelta(days=days))
        programme.happened(sent[:8])
    announcement, password = programme.start(10), programme.start(10, kind="operational")
    elsewhere = programme.start(10, sender="other.example.net")
    assert programme.look() >= 1
    state, reason = programme.state(announcement)
    assert (state, "24 of 210 mails of news.example.com in 7 days" in reason) == ("paused", True)
    assert (programme.state(password)[0], programme.state(elsewhere)[0]) == ("running", "running")
    resume(desk, announcement)
    assert programme.look() == 0
    programme.sent(announcement, 10)
    assert programme.look() == 0
    assert programme.state(announcement)[0] == "running"


def test_what_is_older_than_a_week_is_forgiven(programme: Programme) -> None:
    old = programme.start(300)
    programme.sent(old, 300, at=utcnow() - timedelta(days=8), status="rejected", code="550 5.1.1")
    with programme.desk.session() as session:
        control.cancel(session, old)
    fresh = programme.start(10)
    assert programme.look() == 0
    assert programme.state(fresh)[0] == "running"


def test_complaints_of_a_day_stop_the_domain(programme: Programme) -> None:
    for _ in range(3):
        one = programme.start(250)
        programme.happened(programme.sent(one, 250)[:1], kind="complained")
    fresh = programme.start(10)
    programme.look()
    state, reason = programme.state(fresh)
    assert (state, "3 of 750 delivered mails of news.example.com today" in reason) == ("paused", True)


def test_a_pause_is_kept_with_its_evidence_and_in_the_audit_trail(desk: Desk, programme: Programme) -> None:
    mailing = programme.start(500)
    programme.happened(programme.sent(mailing, 200)[:20])
    with desk.reading() as session:
        [pause] = session.scalars(select(GuardPause))
        [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "message.paused"))
    assert (pause.rule, pause.bad, pause.sent, pause.sender) == ("P02", 20, 200, "news.example.com")
    assert (entry.subject, entry.detail["rule"]) == ("To 500", "P02")


def test_an_event_about_a_single_mail_or_a_finished_message_pauses_nothing(
    desk: Desk, programme: Programme
) -> None:
    mailing = programme.start(300)
    sent = programme.sent(mailing, 300)
    with desk.session() as session:
        control.cancel(session, mailing)
        for one in sent[:50]:
            happen(session, one, "bounced", "hard")
    assert programme.state(mailing)[0] == "cancelled"


def test_who_started_it_is_mailed_once_for_each_pause(
    desk: Desk, programme: Programme, owner: Person
) -> None:
    with desk.session() as session:
        store.put(session, {"from_address": "desk@news.example.com", "network_name": "Northlight"})
    mailing = programme.start(500)
    with desk.session() as session:
        session.get_one(Mailing, mailing).created_by = owner.user.id if owner.user else None
    programme.happened(programme.sent(mailing, 200)[:20])
    for _ in range(2):
        jobs.look(desk)
    with desk.reading() as session:
        told = session.scalars(select(OutboxMail).where(OutboxMail.mailing_id.is_(None))).all()
    assert [(one.address, one.kind) for one in told] == [("mara@desk.example.com", "operational")]
