"""Each attempt, event and opt-out is counted once, for its day, its sending and its recipient domain."""

from datetime import timedelta

from sqlalchemy import select

from tests.guards.conftest import NOTHING, Programme
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.guards import figures, jobs, tally
from webapp.guards.figures import Sums
from webapp.guards.models import TallyDay
from webapp.mail import suppressions

SENDER = "news.example.com"


def sums(desk: Desk, recipient: str = "", days: int = 30) -> Sums:
    with desk.reading() as session:
        return figures.total(session, SENDER, figures.days_back(utcnow(), days), recipient=recipient)


def test_everything_that_became_of_mails_is_in_the_sums(desk: Desk, programme: Programme) -> None:
    mailing = programme.start(40)
    sent = programme.sent(mailing, 20)
    programme.sent(mailing, 6, status="deferred", code="450")
    programme.sent(mailing, 4, status="rejected", code="550 5.1.1")
    programme.sent(mailing, 2, status="rejected", code="550 5.7.1")
    programme.happened(sent[:3])
    programme.happened(sent[3:5], severity="soft")
    programme.happened(sent[5:6], kind="complained")
    with desk.session() as session:
        for number, one in enumerate(sent[6:10]):
            suppressions.add(
                session, f"p{number}@x.example", scope="announcement", reason="unsubscribed", mail_id=one
            )
    tally.catch_up(desk, settled=NOTHING)
    assert sums(desk) == Sums(20, 6, 6, 4, 3, 2, 1, 4)
    assert sums(desk, "gmail.com") + sums(desk, "x.example") == sums(desk)
    assert sums(desk, "gmail.com").accepted == 10


def test_nothing_is_counted_twice_and_what_comes_later_is_added(desk: Desk, programme: Programme) -> None:
    mailing = programme.start(1_300)
    sent = programme.sent(mailing, 1_200)
    assert tally.catch_up(desk, settled=NOTHING) == 1_200
    assert tally.catch_up(desk, settled=NOTHING) == 0
    programme.happened(sent[:2])
    programme.happened(sent[:2])
    programme.sent(mailing, 5)
    tally.catch_up(desk, settled=NOTHING)
    assert (sums(desk).accepted, sums(desk).hard) == (1_205, 2)


def test_an_opt_out_that_gets_the_number_of_a_removed_one_is_counted(
    desk: Desk, programme: Programme
) -> None:
    for one in programme.sent(programme.start(3), 3):
        address, why = (
            f"p{one}@x.example",
            {"scope": "announcement", "reason": "unsubscribed", "mail_id": one},
        )
        with desk.session() as session:
            suppressions.add(session, address, **why)
        tally.catch_up(desk, settled=NOTHING)
        with desk.session() as session:
            suppressions.remove(session, address)
    assert tally.catch_up(desk, settled=NOTHING) == 0
    assert sums(desk).unsubscribed == 3


def test_what_was_told_just_now_waits(desk: Desk, programme: Programme) -> None:
    programme.sent(programme.start(5), 5)
    assert tally.catch_up(desk) == 0
    assert tally.catch_up(desk, settled=NOTHING) == 5


def test_days_are_those_of_the_event(desk: Desk, programme: Programme) -> None:
    mailing = programme.start(9)
    programme.sent(mailing, 4, at=utcnow() - timedelta(days=3))
    programme.sent(mailing, 5)
    tally.catch_up(desk, settled=NOTHING)
    assert (sums(desk, days=3).accepted, sums(desk, days=4).accepted) == (5, 9)


def test_mail_to_gmail_is_added_up_over_sub_domains(desk: Desk, programme: Programme) -> None:
    for sender in (SENDER, "example.com", "another.net"):
        programme.sent(programme.start(10, sender=sender), 10)
    tally.catch_up(desk, settled=NOTHING)
    with desk.reading() as session:
        assert list(figures.to_gmail(session, SENDER).values()) == [10]
        assert figures.senders(session) == ["another.net", "example.com", SENDER]


def test_recipient_domains_of_long_ago_are_cleared_away_and_the_sums_are_kept(
    desk: Desk, programme: Programme
) -> None:
    programme.sent(programme.start(10), 10, at=utcnow() - timedelta(days=91))
    tally.catch_up(desk, settled=NOTHING)
    jobs.clear(desk)
    with desk.reading() as session:
        assert sorted(session.scalars(select(TallyDay.recipient))) == ["", "gmail.com"]


def test_both_databases_count_the_same(postgres_url: str, tmp_path: object) -> None:
    from webapp.config import Config
    from webapp.wiring import open_desk

    environ = {"OFFERPOST_HOME": str(tmp_path), "OFFERPOST_DATABASE_URL": postgres_url}
    desk = open_desk(Config.from_environment(environ))
    programme = Programme(desk)
    mailing = programme.start(300)
    sent = programme.sent(mailing, 250)
    programme.happened(sent[:25])
    programme.look()
    assert programme.state(mailing)[0] == "paused"
    assert (sums(desk).accepted, sums(desk).hard) == (250, 25)
    desk.close()
