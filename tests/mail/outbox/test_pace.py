"""How fast a server's mail leaves: recipient domains, hours, warm-up, rests; and through which server."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from tests.mail.conftest import draft, mail_to
from tests.mail.outbox.claiming import addresses, claimed, row_of, server
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail.models import OutboxMail
from webapp.mail.outbox import domains, rests, waking
from webapp.mail.outbox.claim import Room
from webapp.mail.outbox.enqueue import enqueue_one
from webapp.mail.outbox.limits import limits_of
from webapp.mail.outbox.pace import Pace, Unreadable, WarmUp, parse_connections, parse_domains, parse_hours
from webapp.mail.outbox.routing import ALL, Fallback, Rule, Ways

NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
PEOPLE = [f"p{number}@{'big' if number < 8 else 'small'}.example" for number in range(10)]
PACED = Pace(domains=parse_domains("big.example 3/minute 5/hour"))


def noon(later: float = 0.0) -> datetime:
    """The next noon, so that what was just queued is due and no window ends in the middle of a test."""
    return utcnow().replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=1, seconds=later)


def reset(desk: Desk, address: str) -> None:
    with desk.session() as session:
        enqueue_one(
            session,
            desk.vault,
            key=address,
            content=draft(kind="operational"),
            address=address,
            server_id=None,
        )


def test_a_domain_gets_its_number_and_the_others_go_on(any_desk: Desk) -> None:
    with any_desk.session() as session:
        mail_to(session, PEOPLE)
    room = Room(server(pace=PACED), 100)
    assert addresses(claimed(any_desk, room, now=noon())) == [PEOPLE[0], PEOPLE[1], *PEOPLE[8:]]
    assert claimed(any_desk, room, now=noon(30), sender_id=8) == []
    assert (
        len(addresses(claimed(any_desk, room, now=noon(60)))) == 2
    )  # and one for operational mail in each window
    assert claimed(any_desk, room, now=noon(120)) == []  # the hour is used up
    with any_desk.session() as session:
        assert domains.used_now(session, 1, noon(120)) == {("big.example", "hour"): 4}


def test_mails_that_are_put_off_at_the_front_do_not_keep_others_waiting(any_desk: Desk) -> None:
    people = [f"p{number}@big.example" for number in range(30)] + ["last@small.example"]
    with any_desk.session() as session:
        mail_to(session, people)
    assert addresses(claimed(any_desk, Room(server(pace=PACED), 10), now=noon()))[-1] == "last@small.example"


def test_what_is_put_off_is_spread_over_the_windows_that_come(any_desk: Desk) -> None:
    pace = Pace(domains=parse_domains("* 3/minute"))
    with any_desk.session() as session:
        mail_to(session, PEOPLE[:8])
    claimed(any_desk, Room(server(pace=pace), 100), now=noon())
    with any_desk.session() as session:
        due = [row_of(session, address).not_before for address in PEOPLE[2:8]]
    assert [(one - noon()).total_seconds() for one in due] == [60, 60, 60, 120, 120, 120]


def test_a_domain_with_few_connections_has_few_mails_in_hand(any_desk: Desk) -> None:
    pace = Pace(connections=parse_connections("big.example 1 connection"))
    with any_desk.session() as session:
        mail_to(session, [f"p{number}@big.example" for number in range(30)] + ["last@small.example"])
    room = Room(server(pace=pace), 100)
    taken = addresses(claimed(any_desk, room, now=noon()))
    assert (len(taken), taken[-1]) == (domains.HANDFUL + 1, "last@small.example")
    assert claimed(any_desk, room, now=noon(2)) == []


def test_a_line_of_its_own_counts_instead_of_that_for_all_others() -> None:
    text = "* 5/hour 1 connection; a.example 9/day; b.example 20/minute, 3 connections"
    pace = Pace(domains=parse_domains(text), connections=parse_connections(text))
    found = {name: (dict(pace.domain_limits(name)), pace.connections_to(name)) for name in
             ("a.example", "b.example", "c.example")}  # fmt: skip
    assert found == {
        "a.example": ({"day": 9}, None),
        "b.example": ({"minute": 20}, 3),
        "c.example": ({"hour": 5}, 1),
    }


def test_what_did_not_leave_is_given_back_to_its_domain(any_desk: Desk) -> None:
    with any_desk.session() as session:
        mail_to(session, PEOPLE)
    [one] = claimed(any_desk, Room(server(pace=PACED), 100), now=noon())
    with any_desk.session() as session:
        domains.give_back(session, 1, [mail.id for mail in one.mails], one.claimed_at)
        assert set(domains.used_now(session, 1, noon()).values()) == {0}


def test_announcements_keep_to_their_hours_and_operational_mail_does_not(any_desk: Desk) -> None:
    pace = Pace(hours=parse_hours("13:00-20:00", ZoneInfo("UTC")))
    with any_desk.session() as session:
        mail_to(session, PEOPLE)
    reset(any_desk, "reset@x.example")
    room = Room(server(pace=pace), 100)
    assert addresses(claimed(any_desk, room, now=noon())) == ["reset@x.example"]
    assert len(addresses(claimed(any_desk, room, now=noon(3_600)))) == len(PEOPLE)


@pytest.mark.parametrize(
    ("text", "hour", "is_open"),
    [("8-20", 6, False), ("8-20", 7, True), ("22:00-06:00", 22, True), ("22:00-06:00", 12, False)],
)
def test_hours_are_those_of_the_network(text: str, hour: int, is_open: bool) -> None:
    hours = parse_hours(text, ZoneInfo("Europe/Stockholm"))
    assert hours is not None
    assert hours.open_at(NOON.replace(hour=hour)) is is_open


@pytest.mark.parametrize("text", ["8", "25-3", "08:00-08:00", "soon"])
def test_unclear_hours_are_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        parse_hours(text)


@pytest.mark.parametrize(
    "text",
    [
        "gmail 20/minute",
        "gmail.com",
        "a.com 0/day",
        "a.com 1/week",
        "a.com 1/day\na.com 2/day",
        "a.com 0 connections",
    ],
)
def test_unclear_domain_limits_are_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        parse_domains(text)


def test_a_warm_up_plan_grows_day_by_day_below_the_limit() -> None:
    plan = WarmUp(first=50, growth=50, begins=date(2026, 12, 1))
    warming = server(pace=Pace(warm_up=plan), day=120)
    days = [
        limits_of(warming, NOON + timedelta(days=day), warming.pace)["day"] for day in (-1, 0, 1, 2, 3, 1_000)
    ]
    assert days == [0, 50, 75, 112, 120, 120]


def test_a_resting_domain_gets_nothing_and_then_one_at_a_time(any_desk: Desk) -> None:
    with any_desk.session() as session:
        mail_to(session, PEOPLE)
        rests.begin(session, 1, "big.example", "421 slow down", seconds=600, at_least=0, now=noon())
    assert addresses(claimed(any_desk, now=noon())) == PEOPLE[8:]
    after = noon(600 + 10)
    assert len(addresses(claimed(any_desk, now=after))) == 1
    assert claimed(any_desk, now=after + timedelta(seconds=1)) == []  # the first one is still on its way


def test_a_rest_grows_when_the_server_has_not_recovered_and_is_forgotten_when_it_has(any_desk: Desk) -> None:
    with any_desk.session() as session:
        for later in (0, 10, 700):  # that after ten seconds comes from another sender
            rests.begin(session, 1, "", "busy", seconds=600, at_least=0, now=noon(later))
        [rest] = rests.standing(session)[1].values()
        assert rest.until == noon(700 + 1_200)
        rests.accepted(session, 1, "", 1, connections=4)
        assert (rests.standing(session)[1][""].allowed, rests.standing(session)[1][""].proved) == (1, True)
        rests.accepted(session, 1, "", 39, connections=4)
        assert rests.standing(session)[1][""].allowed == 3
        rests.accepted(session, 1, "", 20, connections=4)
        assert rests.standing(session) == {}


def test_a_class_and_a_sender_domain_choose_the_server(any_desk: Desk) -> None:
    ways = Ways(
        1, rules=(Rule(2, kinds=frozenset({"operational"})), Rule(3, domains=frozenset({"other.example"})))
    )
    with any_desk.session() as session:
        mail_to(session, PEOPLE[:1], server_id=None)
        for key, sender in (("a", "desk@northlight.example"), ("b", "desk@OTHER.example")):
            enqueue_one(
                session,
                any_desk.vault,
                key=key,
                content=draft(kind="operational", from_address=sender),
                address=f"{key}@x.example",
            )
    claims = claimed(any_desk, *(Room(server(number), 9) for number in (1, 2, 3)), ways=ways)
    assert {one.server.id: addresses([one]) for one in claims} == {
        1: [PEOPLE[0]],
        2: ["a@x.example"],
        3: ["b@x.example"],
    }


@pytest.mark.parametrize(
    ("kinds", "through"), [("operational", ["reset@x.example"]), (ALL, ["reset@x.example", PEOPLE[0]])]
)
def test_a_fallback_takes_what_it_may_while_the_own_server_is_closed(
    any_desk: Desk, kinds: str, through: list[str]
) -> None:
    with any_desk.session() as session:
        mail_to(session, PEOPLE[:1], server_id=1)
    reset(any_desk, "reset@x.example")
    ways = Ways(1, fallbacks={1: Fallback(2, kinds)}).with_closed({1})
    assert addresses(claimed(any_desk, Room(server(2), 9), ways=ways)) == through


def test_a_mail_under_lease_stays_with_its_server(any_desk: Desk) -> None:
    with any_desk.session() as session:
        mail_to(session, PEOPLE[:1])
    claimed(any_desk)
    ways = Ways(1, fallbacks={1: Fallback(2, ALL)}).with_closed({1})
    assert claimed(any_desk, Room(server(2), 9), ways=ways) == []
    with any_desk.session() as session:
        assert session.scalars(select(OutboxMail.state)).all() == ["sending"]


def test_when_a_domain_is_well_again_its_mails_leave_the_slots_to_which_they_were_put_off(
    any_desk: Desk,
) -> None:
    with any_desk.session() as session:
        mail_to(session, PEOPLE)
        rests.begin(session, 1, "big.example", "421", seconds=600, at_least=0, now=noon())
    room = Room(server(), 100)
    assert addresses(claimed(any_desk, room, now=noon(1))) == PEOPLE[8:]
    with any_desk.session() as session:
        rests.end(session, 1, "big.example")
    assert claimed(any_desk, room, now=noon(2)) == []
    with any_desk.session() as session:
        waking.wake(session, "small.example", noon(3))
    assert claimed(any_desk, room, now=noon(3)) == []
    with any_desk.session() as session:
        waking.wake(session, "big.example", noon(3))
    assert addresses(claimed(any_desk, room, now=noon(3))) == PEOPLE[:8]
