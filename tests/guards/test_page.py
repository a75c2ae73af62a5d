"""What a person sees of the reputation: figures, charts with their table, what the guards say, and what they stopped."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.browser import Person
from tests.guards.conftest import NOTHING, Programme
from tests.personas import MakePerson
from webapp.affiliates.models import Affiliate
from webapp.broadcasts.content import feedback_id
from webapp.broadcasts.models import Broadcast
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.guards import programme as rules
from webapp.guards import tally
from webapp.guards.models import FeedbackLoop
from webapp.mail import suppressions
from webapp.mail.models import Attempt, OutboxMail, ServerRest
from webapp.settings.models import MailServer
from webapp.verdict import Verdict

PAGE, CSV, LOOPS = "/delivery/reputation", "/delivery/reputation.csv", "/delivery/reputation/loops"
SENDER = "news.example.com"


@pytest.fixture
def counted(desk: Desk, programme: Programme) -> Programme:
    """220 mails of which 20 bounced and one led to a complaint, half of them to Gmail; yesterday 30 more."""
    mailing = programme.start(400)
    sent = programme.sent(mailing, 220)
    programme.happened(sent[:22])
    programme.happened(sent[30:31], kind="complained")
    programme.sent(programme.start(30), 30, at=utcnow() - timedelta(days=1))
    tally.catch_up(desk, settled=NOTHING)
    return programme


def verdict_of(desk: Desk, rule: str, sender: str = SENDER) -> Verdict:
    with desk.reading() as session:
        found = [one for one in rules.judgements(session, sender, utcnow()) if one.rule == rule]
    return found[0].verdict


def test_before_the_first_mail_the_page_says_what_it_will_show(owner: Person) -> None:
    assert "Nothing was sent yet" in owner.get(PAGE).text


def test_figures_chart_and_table_say_the_same(counted: Programme, owner: Person) -> None:
    page = owner.get(PAGE).text
    assert SENDER in page
    assert '<dd class="v">250</dd>' in page
    assert "250 accepted and 0 refused in 30 days" in page
    assert "22 hard and 0 soft bounces, 1 complaints" in page
    assert "gmail.com" in page
    assert "style=" not in page.split("<main")[1]


def test_the_export_has_a_line_a_day_and_nothing_but_numbers(counted: Programme, owner: Person) -> None:
    lines = owner.get(f"{CSV}?domain={SENDER}").text.splitlines()
    assert lines[0] == "day,accepted,deferred,refused,hard,soft,complained,unsubscribed"
    assert len(lines) == 31
    assert lines[-1].partition(",")[2] == "220,0,0,22,0,1,0"
    assert lines[-2].partition(",")[2] == "30,0,0,0,0,0,0"


def test_a_message_that_a_guard_paused_stands_on_top_and_on_the_overview(
    counted: Programme, owner: Person, person: MakePerson
) -> None:
    for address in (PAGE, "/"):
        page = owner.get(address).text
        assert "A guard paused “To 400”" in page
        assert "/messages/1" in page
    other = person("send_to_own_affiliates", "manage_domains")
    assert "A guard paused" not in other.get(PAGE).text


def test_only_who_manages_the_settings_ticks_feedback_loops(
    desk: Desk, owner: Person, person: MakePerson
) -> None:
    reader = person("view_delivery_log")
    assert "<form" not in reader.get(PAGE).text.split('id="h-loops"')[1]
    assert reader.post(LOOPS, {"gmail": "on"}).status_code == 403
    owner.post(LOOPS, {"gmail": "on", "yahoo": "on", "nonsense": "on"})
    with desk.session() as session:
        assert sorted(session.scalars(select(FeedbackLoop.name))) == ["gmail", "yahoo"]
        session.get_one(FeedbackLoop, "gmail").done_at = utcnow() - timedelta(days=500)
    owner.post(LOOPS, {"gmail": "on", "microsoft": "on"})
    with desk.reading() as session:
        done = rules.done_loops(session)
    assert sorted(done) == ["gmail", "microsoft"]
    assert done["gmail"] < utcnow() - timedelta(days=499), "ticked long ago, and not looked at again"
    owner.post(LOOPS, {"gmail": "on", "gmail_again": "on"})
    with desk.reading() as session:
        assert rules.done_loops(session)["gmail"] > utcnow() - timedelta(minutes=5)


def test_each_rule_judges_what_is_there(desk: Desk, counted: Programme) -> None:
    expected = {"P02": Verdict.WARN, "P01": Verdict.FAIL, "P08": Verdict.PASS, "P11": Verdict.WARN}
    assert {rule: verdict_of(desk, rule) for rule in expected} == expected


def test_streams_are_told_apart_by_what_was_sent(desk: Desk, counted: Programme) -> None:
    assert verdict_of(desk, "P12") is Verdict.UNKNOWN
    counted.sent(counted.start(3, kind="operational"), 3)
    tally.catch_up(desk, settled=NOTHING)
    assert verdict_of(desk, "P12") is Verdict.WARN


def test_mail_to_somebody_who_had_left_is_found(desk: Desk, counted: Programme) -> None:
    with desk.session() as session:
        mail = session.scalars(select(OutboxMail).where(OutboxMail.state == "sent").limit(1)).one()
        suppressions.add(session, mail.address, scope="announcement", reason="unsubscribed", mail_id=mail.id)
    assert verdict_of(desk, "P03") is Verdict.PASS
    with desk.session() as session:
        later = utcnow() + timedelta(minutes=5)
        session.add(Attempt(mail_id=mail.id, lease=2, number=2, status="accepted", at=later))
    assert verdict_of(desk, "P03") is Verdict.FAIL


def test_rests_and_careless_addresses_are_told(desk: Desk, counted: Programme) -> None:
    assert verdict_of(desk, "P09") is Verdict.PASS
    with desk.session() as session:
        server = MailServer(public_id="x", name="Relay", kind="folder")
        session.add(server)
        session.add_all(
            [Affiliate(email=f"{one}@gmial.com", address=f"{one}@gmial.com") for one in ("a", "b")]
        )
        session.flush()
        until = utcnow() + timedelta(minutes=9)
        session.add(
            ServerRest(server_id=server.id, domain="gmail.com", until=until, seconds=600, words="4.7.28")
        )
    assert (verdict_of(desk, "P09"), verdict_of(desk, "P16")) == (Verdict.WARN, Verdict.WARN)


def test_the_day_on_which_gmail_counts_one_as_a_bulk_sender_is_remembered(
    desk: Desk, programme: Programme
) -> None:
    programme.sent(programme.start(10_100), 10_100, at=utcnow() - timedelta(days=2))
    tally.catch_up(desk, settled=NOTHING)
    with desk.reading() as session:
        [found] = [one for one in rules.judgements(session, SENDER, utcnow()) if one.rule == "P15"]
    assert f"since {(utcnow() - timedelta(days=2)).date()}" in found.words


def test_each_message_has_a_feedback_id_whose_last_part_is_that_of_the_domain() -> None:
    ids = [feedback_id(Broadcast(id=n, kind="announcement"), "Desk@News.example.com") for n in (1, 2)]
    assert [one.split(":")[:2] for one in ids] == [["m1", "announcement"], ["m2", "announcement"]]
    assert len({one.split(":")[2] for one in ids}) == 1
    assert 5 <= len(ids[0].split(":")[2]) <= 15, "as Gmail asks"
