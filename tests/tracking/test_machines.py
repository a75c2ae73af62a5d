"""Who clicked: people, or programs that open links before people do."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from webapp.tracking.machines import ALL_LINKS, AT_ONCE, HEAD, PREFETCH, PROGRAM, Hit, at_the_door, by_pace

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 Version/18.3 Mobile Safari/604.1"


def hits(*seconds_and_links: tuple[float, int]) -> list[Hit]:
    return [
        Hit(number, link, NOON + timedelta(seconds=seconds))
        for number, (seconds, link) in enumerate(seconds_and_links)
    ]


@pytest.mark.parametrize(
    ("method", "headers", "expected"),
    [
        ("GET", {"user-agent": PHONE}, ""),
        ("HEAD", {"user-agent": PHONE}, HEAD),
        ("GET", {"user-agent": PHONE, "sec-purpose": "prefetch;prerender"}, PREFETCH),
        ("GET", {"user-agent": PHONE, "purpose": "prefetch"}, PREFETCH),
        ("GET", {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}, PROGRAM),
        ("GET", {"user-agent": "python-requests/2.31"}, PROGRAM),
        ("GET", {}, PROGRAM),
    ],
)
def test_a_request_may_give_itself_away(method: str, headers: dict[str, str], expected: str) -> None:
    assert at_the_door(method, headers) == expected


def test_a_person_who_reads_and_clicks_twice_is_a_person() -> None:
    assert by_pace(hits((60, 0), (75, 1)), NOON) == {}


def test_whoever_opens_three_links_within_moments_is_a_machine() -> None:
    assert by_pace(hits((60, 0), (61, 1), (62, 2)), NOON) == dict.fromkeys(range(3), ALL_LINKS)


def test_the_same_link_three_times_is_an_impatient_person() -> None:
    assert by_pace(hits((60, 4), (61, 4), (62, 4)), NOON) == {}


def test_nobody_clicks_within_seconds_of_the_arrival() -> None:
    assert by_pace(hits((3, 0), (60, 1)), NOON) == {0: AT_ONCE}


def test_a_person_after_a_machine_still_counts() -> None:
    found = by_pace(hits((1, 0), (1.2, 1), (1.4, 2), (400, 1)), NOON)
    assert found == dict.fromkeys(range(3), ALL_LINKS)


def test_what_was_known_at_the_door_stays_as_it_is() -> None:
    known = [Hit(number, number, NOON + timedelta(seconds=60 + number), HEAD) for number in range(3)]
    assert by_pace(known, NOON) == {}


def test_a_flood_of_one_link_is_judged_in_the_time_that_its_length_takes() -> None:
    began = time.process_time()
    assert by_pace(hits(*((60 + place / 10_000, place % 2) for place in range(30_000))), NOON) == {}
    assert time.process_time() - began < 5  # each against its whole burst, it would be minutes
