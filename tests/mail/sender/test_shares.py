"""Connections to a domain are dealt out to lanes so that together they keep to the limit, and each lane keeps to its part."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.mail.conftest import mail_to
from tests.mail.outbox.claiming import addresses, claimed, server
from webapp.desk import Desk
from webapp.mail.outbox.claim import Room
from webapp.mail.outbox.pace import Pace, parse_connections
from webapp.mail.sender.orders import Job
from webapp.mail.sender.shares import Shares
from webapp.mail.sender.turns import Turns


def job(number: int, address: str) -> Job:
    return Job(number, 1, 1, 1, address, {}, "", None)


@given(st.integers(1, 50), st.integers(1, 6), st.integers(1, 8), st.booleans())
def test_all_lanes_together_have_as_many_as_the_domain_likes(
    limit: int, senders: int, children: int, express: bool
) -> None:
    dealt = 0
    for rank in range(senders):
        shares = Shares(Pace(connections={"a.example": limit}), rank, senders, express and rank == 0)
        dealt += shares.of_express("a.example") or 0
        dealt += sum(shares.of_child("a.example", place, children) or 0 for place in range(children))
    assert dealt == limit


@pytest.mark.parametrize(
    ("limits", "rank", "taken"),
    [
        ("a.example 1 connection", 0, ["a.example", "b.example", "c.example"]),
        ("a.example 1 connection", 1, ["b.example", "c.example"]),
        ("* 1 connection; b.example 5 connections", 1, ["b.example"]),
        ("* 1 connection; b.example 1 connection", 1, []),
    ],
)
def test_a_sender_without_a_connection_to_a_domain_leaves_its_mails_to_others(
    desk: Desk, limits: str, rank: int, taken: list[str]
) -> None:
    pace = Pace(connections=parse_connections(limits))
    with desk.session() as session:
        mail_to(session, [f"p@{name}.example" for name in "abc"])
    room = Room(server(pace=pace), 10, only=Shares(pace, rank, senders=2).only())
    assert [address.partition("@")[2] for address in addresses(claimed(desk, room))] == taken


def test_mails_to_a_busy_domain_step_aside_and_come_when_it_is_free() -> None:
    turns, busy = Turns(), {"a.example": 0, "b.example": 0}
    turns.put([job(1, "x@a.example"), job(2, "y@A.example"), job(3, "z@b.example")], 9.0, {"a.example": 1})

    def next_one() -> int | None:
        turn = turns.next(lambda domain: busy[domain])
        return turn[0].mail_id if turn else None

    assert next_one() == 1
    busy["a.example"] = 1
    assert [next_one(), next_one()] == [3, None]
    assert turns.wait()
    busy["a.example"] = 0
    assert [next_one(), turns.empty] == [2, True]


def test_mails_to_a_domain_that_went_to_other_lanes_are_over() -> None:
    turns = Turns()
    turns.put([job(1, "x@a.example")], 9.0, {"a.example": 1})
    assert turns.next(lambda _: 1) is None
    turns.put([job(2, "x@b.example")], 9.0, {"a.example": 0})
    assert turns.next(lambda _: 1) == (job(2, "x@b.example"), 9.0)
    assert turns.next(lambda _: 1) == (job(1, "x@a.example"), 0.0)


def test_what_stepped_aside_is_given_back_in_the_end() -> None:
    turns = Turns()
    turns.put([job(1, "x@a.example"), job(2, "y@b.example")], 9.0, {"a.example": 1})
    assert turns.next(lambda _: 1) == (job(2, "y@b.example"), 9.0)
    turns.put([job(3, "y@b.example")], 9.0, {})
    assert [one.mail_id for one in turns.rest()] == [1, 3]
