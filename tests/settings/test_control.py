"""Limits, rests and routes as the person who manages the email settings sees and changes them."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.browser import Person, words
from tests.mail.conftest import draft, mail_to
from webapp.accounts.models import AuditEntry
from webapp.broadcasts.waiting import waiting_for
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail import heartbeat
from webapp.mail.models import OutboxMail, RateWindow
from webapp.mail.outbox import rests
from webapp.mail.outbox.enqueue import enqueue_one
from webapp.mail.outbox.limits import start_of
from webapp.settings import servers
from webapp.settings.models import MailServer
from webapp.settings.passages import Passages

PAGE = "/account/email-settings"
NOON = utcnow().replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def relay(desk: Desk) -> int:
    """A second server beside the folder, which is the default and has the number 1."""
    with desk.session() as session:
        server = MailServer(public_id="r", name="Relay", kind="relay", values={})
        session.add(server)
        session.flush()
        heartbeat.begin(session, "here", "boot")
        return server.id


def change(desk: Desk, number: int = 1, **values: object) -> None:
    with desk.session() as session:
        server = servers.find(session, number)
        for name, value in values.items():
            setattr(server, name, value)


def rest(desk: Desk, domain: str = "", seconds: float = 600) -> None:
    with desk.session() as session:
        rests.begin(session, 1, domain, "421 too fast", seconds=seconds, at_least=0, now=utcnow())


def use(desk: Desk, span: str, count: int) -> None:
    with desk.session() as session:
        session.add(RateWindow(server_id=1, span=span, starts_at=start_of(span, utcnow()), used=count))


def test_the_budget_of_today_is_seen_on_the_list_and_on_the_servers_page(owner: Person, desk: Desk) -> None:
    change(desk, max_per_day=500)
    use(desk, "day", 120)
    for path in (PAGE, f"{PAGE}/servers/1"):
        assert "120 of 500 today until 00:00 tomorrow" in words(owner.get(path))


def test_a_warm_up_plan_says_where_it_stands(owner: Person, desk: Desk) -> None:
    begins = (utcnow() - timedelta(days=2)).date().isoformat()
    change(desk, warm_up_first=50, warm_up_growth=50, warm_up_from=begins)
    assert "Day 3 of the warm-up plan: 112 mails today, 168 tomorrow." in words(
        owner.get(f"{PAGE}/servers/1")
    )


def test_what_rests_is_told_with_the_reason_and_woken_by_a_button(owner: Person, desk: Desk) -> None:
    rest(desk)
    rest(desk, "big.example")
    said = words(owner.get(f"{PAGE}/servers/1"))
    assert "This server rests until" in said
    assert "big.example rests until" in said
    assert "Why: 421 too fast" in said
    answer = owner.post(f"{PAGE}/servers/1/wake", {"domain": "big.example"}, follow=True)
    assert "Mail to big.example leaves through it" in words(answer)
    with desk.session() as session:
        assert list(rests.standing(session)[1]) == [""]
        woken = session.scalars(select(AuditEntry).where(AuditEntry.action == "mail server woken")).one()
        assert woken.who == owner.user.email


def test_nobody_wakes_a_server_or_turns_routes_without_the_right(colleague: Person, desk: Desk) -> None:
    rest(desk)
    assert colleague.post(f"{PAGE}/servers/1/wake").status_code == 403
    assert colleague.post(f"{PAGE}/routes", {"s1-operational": "y"}).status_code == 403
    with desk.session() as session:
        assert rests.standing(session)
        assert servers.find(session, 1).sends_for == ""


def test_routes_and_fallbacks_are_saved_by_one_form(owner: Person, desk: Desk, relay: int) -> None:
    typed = {
        "s1-announcement": "y", "s1-domains": "@News.example.com other.example", "s1-fallback": str(relay),
        "s1-fallback_for": "all", f"s{relay}-operational": "y", f"s{relay}-domains": "",
        f"s{relay}-fallback": "", f"s{relay}-fallback_for": "operational",
    }  # fmt: skip
    said = words(owner.post(f"{PAGE}/routes", typed, follow=True))
    assert "Operational mail through Relay" in said
    with desk.session() as session:
        first, second = servers.find(session, 1), servers.find(session, relay)
        assert first.sends_for == "announcement news.example.com other.example"
        assert (first.fallback_id, first.fallback_for, second.sends_for) == (relay, "all", "operational")
    assert "Operational mail by route." in words(owner.get(PAGE))


def test_a_route_that_is_no_domain_is_refused_beside_its_field_and_nothing_is_saved(
    owner: Person, desk: Desk, relay: int
) -> None:
    typed = {f"s{number}-fallback_for": "operational" for number in (1, relay)}
    answer = owner.post(
        f"{PAGE}/routes", typed | {"s1-operational": "y", f"s{relay}-domains": "not a domain!"}
    )
    assert answer.status_code == 400
    assert "is neither a class of mail nor a domain" in words(answer)
    with desk.session() as session:
        assert servers.find(session, 1).sends_for == ""


def test_the_limits_stand_under_headings_that_say_what_is_set(owner: Person, desk: Desk) -> None:
    change(desk, max_per_minute=90, hours="08:00-20:00", domain_limits="big.example 5/hour")
    said = words(owner.get(f"{PAGE}/servers/1"))
    assert "Speed and connections 90 a minute, 1 connection" in said
    assert "Hours for announcements 08:00-20:00" in said
    assert "Limits by recipient domain big.example" in said


def test_a_refused_limit_opens_its_heading(owner: Person) -> None:
    answer = owner.post(f"{PAGE}/servers/1", {"folder-server_name": "Folder", "folder-hours": "soon"})
    assert '<details class="more" open><summary>Hours for announcements' in answer.text


def test_the_banner_speaks_of_a_detour_while_a_fallback_sends(owner: Person, desk: Desk, relay: int) -> None:
    change(desk, paused_at=utcnow(), paused_reason="It refuses us.", fallback_id=relay, fallback_for="all")
    said = words(owner.get("/"))
    assert "Mail takes a detour: the mail server Mail folder is paused. It refuses us." in said
    assert "leave through Relay." in said
    assert "Nothing is being sent" not in said


def test_the_banner_says_which_part_of_the_mail_waits(owner: Person, desk: Desk, relay: int) -> None:
    change(desk, relay, sends_for="announcement")
    rest_until_noon = utcnow() + timedelta(hours=1)
    with desk.session() as session:
        rests.begin(session, relay, "", "421 busy", seconds=3_600, at_least=0, now=utcnow())
        assert rests.standing(session)[relay][""].until >= rest_until_noon
    said = words(owner.get("/"))
    assert "Announcements wait: the mail server Relay rests until" in said
    assert "Operational mail leaves through Mail folder." in said


def test_the_banner_says_that_nothing_is_sent_when_no_server_is_left(
    owner: Person, desk: Desk, relay: int
) -> None:
    change(desk, paused_at=utcnow(), fallback_id=relay, fallback_for="operational")
    change(desk, relay, paused_at=utcnow())
    assert "Nothing is being sent: the mail server Mail folder is paused." in words(owner.get("/"))


def test_mail_that_waits_at_a_server_of_its_own_is_told_of_too(owner: Person, desk: Desk, relay: int) -> None:
    change(desk, relay, paused_at=utcnow())
    assert "the mail server Relay is paused" not in words(owner.get("/"))
    with desk.session() as session:
        enqueue_one(
            session, desk.vault, key="x", content=draft(kind="operational"), address="a@x.example",
            server_id=relay,
        )  # fmt: skip
    assert "the mail server Relay is paused" in words(owner.get("/"))


@pytest.mark.parametrize(
    ("server", "used", "words_of_it"),
    [
        ({"max_per_hour": 100}, {"hour": 97}, "97 of 100 mails this hour, 3 more kept for operational mail."),
        ({"max_per_day": 10}, {"day": 10}, "Waiting for the budget of Mail folder until 00:00 tomorrow: 10 of 10"),
        ({"warm_up_first": 5, "warm_up_growth": 9, "warm_up_from": "2999-01-01"}, {}, "which begins on 2999-01-01"),
        ({"max_per_hour": 100}, {"hour": 5}, ""),
        ({"paused_at": NOON, "paused_reason": "It refuses us."}, {}, "Waiting: Mail folder is paused. It refuses us."),
    ],
)  # fmt: skip
def test_a_message_says_what_it_waits_for(
    desk: Desk, relay: int, server: dict[str, object], used: dict[str, int], words_of_it: str
) -> None:
    change(desk, **server)
    for span, count in used.items():
        use(desk, span, count)
    with desk.session() as session:
        said = waiting_for(session, mail_to(session, ["a@x.example"], server_id=None), utcnow())
    assert words_of_it in said
    assert bool(said) is bool(words_of_it)


def test_a_message_says_which_domain_keeps_the_rest_waiting(desk: Desk, relay: int) -> None:
    rest(desk, "x.example")
    with desk.session() as session:
        mailing = mail_to(session, ["a@x.example"], server_id=None)
        session.execute(update(OutboxMail).values(not_before=utcnow() + timedelta(minutes=10)))
        assert waiting_for(session, mailing, utcnow()).startswith("x.example rests until")


def test_a_message_says_that_it_takes_a_detour(desk: Desk, relay: int) -> None:
    change(desk, paused_at=utcnow(), fallback_id=relay, fallback_for="all")
    with desk.session() as session:
        mailing = mail_to(session, ["a@x.example"], server_id=None)
        said = waiting_for(session, mailing, utcnow())
        assert said == "Takes a detour through Relay: Mail folder is paused."
        assert [one.is_detour for one in Passages(session, utcnow()).every()] == [True, True]
