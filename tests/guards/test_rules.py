"""Each rule at its thresholds: one mail below, exactly on, one above."""

from datetime import UTC, datetime, timedelta

import pytest

from webapp.guards.judgement import percent
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
from webapp.verdict import Verdict

PASS, WARN, FAIL, UNKNOWN = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.UNKNOWN
NOW = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    ("complained", "delivered", "verdict", "stops"),
    (
        (0, 0, UNKNOWN, False),
        (0, 10, PASS, False),
        (9, 10_000, PASS, False),
        (10, 10_000, WARN, False),
        (29, 10_000, WARN, False),
        (30, 10_000, FAIL, True),
        (3, 1_000, FAIL, True),
        (3, 1_001, WARN, False),
        (2, 600, FAIL, False),  # two complaints stop nothing
        (1, 1_000, WARN, False),
        (1, 1_001, PASS, False),
        (3, 0, FAIL, True),
    ),
)
def test_p01_complaints(complained: int, delivered: int, verdict: Verdict, stops: bool) -> None:
    found = complaints.judge(complained, delivered, "this message")
    assert (found.verdict, complaints.stops(complained, delivered)) == (verdict, stops)
    assert bool(found.remedy) == (verdict in (WARN, FAIL))


@pytest.mark.parametrize(
    ("hard", "sent", "verdict"),
    (
        (199, 199, UNKNOWN),
        (0, 200, PASS),
        (3, 200, PASS),
        (4, 200, PASS),
        (9, 200, PASS),
        (10, 200, WARN),
        (19, 200, WARN),
        (20, 200, FAIL),
        (99, 1_000, WARN),
        (100, 1_000, FAIL),
        (100, 1_001, WARN),
    ),
)
def test_p02_bounces(hard: int, sent: int, verdict: Verdict) -> None:
    found = bounces.judge(hard, sent, "this message")
    assert (found.verdict, bounces.stops(hard, sent)) == (verdict, verdict is FAIL)
    assert bool(found.remedy) == (verdict in (WARN, FAIL))
    assert ("below 2 %" in found.words) == (verdict is PASS and hard >= 4)


def test_a_rate_is_never_shown_higher_than_it_is() -> None:
    assert percent(9_999, 100_000) == "9.99 %"
    assert percent(0, 0) == "no mail"


@pytest.mark.parametrize(
    ("today", "busiest", "verdict"),
    (
        (500, 0, PASS),
        (501, 0, WARN),
        (1_250, 0, WARN),
        (1_251, 0, FAIL),
        (2_000, 1_000, PASS),
        (2_001, 1_000, WARN),
        (5_000, 1_000, WARN),
        (5_001, 1_000, FAIL),
    ),
)
def test_p08_growth(today: int, busiest: int, verdict: Verdict) -> None:
    found = ramp.judge(today, busiest)
    assert (found.verdict, bool(found.remedy)) == (verdict, verdict is not PASS)


@pytest.mark.parametrize(
    ("busiest", "since", "verdict", "words"),
    (
        (3_999, "", PASS, "5,000"),
        (4_000, "", WARN, "5,000"),
        (10, "2026-10-01", PASS, "since 2026-10-01"),
    ),
)
def test_p15_the_threshold_of_gmail(busiest: int, since: str, verdict: Verdict, words: str) -> None:
    found = threshold.judge(busiest, since)
    assert (found.verdict, words in found.words) == (verdict, True)
    assert ("one-click" in found.remedy) == bool(since or verdict is WARN)


@pytest.mark.parametrize(
    ("announcements", "operational", "verdict"),
    (
        (["news.example.com"], ["example.com"], PASS),
        (["example.com"], ["example.com"], WARN),
        (["example.com"], [], UNKNOWN),
        ([], [], UNKNOWN),
    ),
)
def test_p12_streams(announcements: list[str], operational: list[str], verdict: Verdict) -> None:
    assert streams.judge(announcements, operational).verdict == verdict


@pytest.mark.parametrize(("looked_at", "mailed", "verdict"), ((0, 0, UNKNOWN), (9, 0, PASS), (9, 1, FAIL)))
def test_p03_opt_outs(looked_at: int, mailed: int, verdict: Verdict) -> None:
    assert barred.judge(looked_at, mailed).verdict == verdict


def test_p09_who_asked_to_slow_down() -> None:
    assert slowed.judge([]).verdict == PASS
    found = slowed.judge(["gmail.com at SES: 421 4.7.28"])
    assert (found.verdict, found.evidence) == (WARN, ("gmail.com at SES: 421 4.7.28",))
    assert "2 receivers" in slowed.judge(["a", "b"]).words


def test_p11_feedback_loops_are_done_old_or_missing() -> None:
    done = dict.fromkeys(loops.LOOPS, NOW - timedelta(days=365))
    assert loops.judge(done, NOW).verdict == PASS
    assert "more than a year" in loops.judge({**done, "gmail": NOW - timedelta(days=366)}, NOW).words
    assert "Not enrolled: Yahoo" in loops.judge({"gmail": NOW, "microsoft": NOW}, NOW).words


@pytest.mark.parametrize(
    ("address", "why"),
    (
        ("Info@brightpath.example", "a role"),
        ("sales+eu@x.example", "a role"),
        ("ann@GMIAL.com", "typed wrongly"),
        ("ann@mailinator.com", "throw-away"),
        ("infomaria@x.example", ""),
        ("ann@gmail.com", ""),
    ),
)
def test_p16_careless_addresses(address: str, why: str) -> None:
    assert addresses.suspicious(address) == why


def test_p16_two_in_a_hundred_are_too_many_and_one_typing_error_is() -> None:
    good = [f"p{n}@x.example" for n in range(98)]
    assert addresses.judge([]).verdict == UNKNOWN
    assert addresses.judge(good).verdict == PASS
    assert addresses.judge([*good, "info@x.example"]).verdict == PASS
    assert addresses.judge([*good, "info@x.example", "sales@x.example"]).verdict == WARN
    typo = addresses.judge([*good, "ann@gmial.com"])
    assert (typo.verdict, typo.evidence) == (WARN, ("typed wrongly: ann@gmial.com",))
