"""All mail by day, week and month: counted once, in the network's days, whatever the outbox has forgotten."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from tests.browser import Person, words
from tests.guards.conftest import NOTHING, Programme
from tests.personas import MakePerson
from webapp.broadcasts.models import Broadcast
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail.clicks import Click
from webapp.mail.models import Attempt, OutboxMail
from webapp.mail.outbox.enqueue import enqueue_one
from webapp.reports import counting, jobs
from webapp.reports.models import ReportSum
from webapp.settings import store


@pytest.fixture
def programme(desk: Desk) -> Programme:
    return Programme(desk)


def count(desk: Desk) -> int:
    return counting.catch_up(desk, settled=NOTHING)


def lines(person: Person, query: str = "") -> dict[tuple[str, str], dict[str, str]]:
    rows = csv.DictReader(io.StringIO(person.get(f"/reports.csv?{query}").text))
    return {(row["section"], row["name"]): row for row in rows}


@pytest.fixture
def counted(desk: Desk, programme: Programme) -> Programme:
    """Ten accepted, two of which bounced, three failed, one of them deferred too often, all of one message."""
    mailing = programme.start(20)
    sent = programme.sent(mailing, 10)
    programme.happened(sent[:2])
    programme.happened(sent[:2])
    programme.sent(mailing, 2, status="rejected", code="550 5.1.1")
    (tired,) = programme.sent(mailing, 1, status="deferred", code="450")
    with desk.session() as session:
        mail = session.get_one(OutboxMail, tired)
        mail.state, mail.attempts = "failed", 1
    assert count(desk) == 15
    return programme


@pytest.mark.parametrize("by", ["kind", "server", "domain", "template", "offer"])
def test_each_facet_holds_every_mail_once(counted: Programme, owner: Person, by: str) -> None:
    rows = [row for (section, _), row in lines(owner, f"by={by}").items() if section == by]
    assert [sum(int(row[name]) for row in rows) for name in ("accepted", "failed", "hard")] == [10, 3, 2]


def test_nothing_is_counted_twice(counted: Programme, desk: Desk, owner: Person) -> None:
    assert count(desk) == 0
    assert lines(owner)["kind", "Announcements"]["accepted"] == "10"


def test_failures_have_their_reason(counted: Programme, owner: Person) -> None:
    assert lines(owner, "by=reason")["reason", "The address doesn’t exist"]["failed"] == "2"


def test_days_weeks_and_months_add_up_to_the_same(counted: Programme, owner: Person) -> None:
    for unit in ("day", "week", "month"):
        found = [row for (section, _), row in lines(owner, f"unit={unit}").items() if section == unit]
        assert sum(int(row["accepted"]) for row in found) == 10
        assert found[-1]["accepted"] == "10"


def test_a_day_is_one_of_the_networks(desk: Desk, programme: Programme) -> None:
    with desk.session() as session:
        store.put(session, {"timezone": "Pacific/Auckland"})
    programme.sent(programme.start(1), 1, at=datetime(2026, 3, 1, 22, 30, tzinfo=UTC))
    count(desk)
    with desk.reading() as session:
        spans = {one.span for one in session.query(ReportSum)}
    assert spans == {"2026-03-02", "m2026-03"}


def test_what_was_counted_stays_when_mails_are_cleared_and_what_comes_next_is_added(
    counted: Programme, desk: Desk, owner: Person
) -> None:
    with desk.session() as session:
        session.query(Attempt).delete()
        session.query(OutboxMail).delete()
    counted.sent(counted.start(3), 3)
    assert count(desk) == 3
    assert lines(owner)["kind", "Announcements"]["accepted"] == "13"


def test_erasing_whoever_clicked_last_counts_nobody_twice_and_the_next_one_too(
    counted: Programme, desk: Desk, owner: Person
) -> None:
    def click(key: str) -> None:
        with desk.session() as session:
            mail = session.query(OutboxMail).first()
            told = {"mail_id": mail.id, "mailing_id": mail.mailing_id}
            session.add(Click(key=key, link=0, at=utcnow() - timedelta(minutes=9), **told))

    before = lines(owner)["kind", "Announcements"]["clicks"]
    click("one")
    click("two")
    count(desk)
    with desk.session() as session:
        session.query(Click).filter_by(key="two").delete()
    count(desk)
    click("three")
    count(desk)
    assert int(lines(owner)["kind", "Announcements"]["clicks"]) == int(before) + 3


def test_one_value_has_charts_of_its_own(counted: Programme, owner: Person) -> None:
    page = owner.get("/reports?by=domain&value=gmail.com")
    assert "Reports: gmail.com" in words(page)
    assert "5 accepted" in page.text
    assert "style=" not in page.text.split("<main")[1]


def test_the_list_is_searched_and_has_an_empty_state(counted: Programme, owner: Person) -> None:
    assert "x.example" not in owner.get("/reports?by=domain&q=gmail").text.partition('id="by"')[2]
    assert "Nothing holds “nowhere”" in words(owner.get("/reports?by=domain&q=nowhere&unit=week"))


def test_before_the_first_mail_the_page_says_what_it_will_show(owner: Person) -> None:
    assert "Nothing was sent yet" in words(owner.get("/reports"))


def test_mail_that_no_person_wrote_counts_under_its_event(desk: Desk, network: Desk, owner: Person) -> None:
    with desk.session() as session:
        mail = enqueue_one(
            session, desk.vault, key="offer_paused:1:2", content={"from_address": "a@b.example"},
            context="offer_paused", offer="S-1", address="x@y.example", kind="operational",
        )  # fmt: skip
        session.add(Attempt(mail_id=mail.id, lease=1, number=1, status="unknown", at=utcnow()))
    count(desk)
    assert lines(owner, "by=template")["template", "Offer Paused"]["unknown"] == "1"
    assert lines(owner, "by=offer")["offer", "S-1"]["unknown"] == "1"


def test_everybody_sees_his_own_messages_and_readers_of_the_log_see_all(
    counted: Programme, desk: Desk, writer: Person, person: MakePerson, colleague: Person, stranger: Person
) -> None:
    with desk.session() as session:
        session.query(ReportSum).delete()
        session.query(Broadcast).one().created_by = None
    mine = counted.start(5)
    with desk.session() as session:
        session.query(Broadcast).filter_by(mailing_id=mine).one().created_by = writer.user.id
    counted.sent(mine, 5)
    count(desk)
    assert lines(writer)["kind", "Announcements"]["accepted"] == "5"
    with desk.session() as session:
        session.query(ReportSum).filter(ReportSum.owner == writer.user.id).update({"owner": 0})
    assert ("kind", "Announcements") not in lines(writer)
    assert lines(person("view_delivery_log"))["kind", "Announcements"]["accepted"] == "5"
    assert colleague.get("/reports").status_code == 403
    assert stranger.get("/reports").status_code == 302


def test_days_by_domain_are_kept_as_long_as_pages_show_them(desk: Desk, programme: Programme) -> None:
    programme.sent(programme.start(2), 2, at=utcnow() - timedelta(days=300))
    count(desk)
    jobs.clear(desk)
    with desk.reading() as session:
        kept = {(one.facet, one.span[0]) for one in session.query(ReportSum)}
    assert ("domain", "m") in kept
    assert ("kind", "2") in kept
    assert ("domain", "2") not in kept
