"""When a digest is due."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from webapp.digests.times import in_words, next_after

STOCKHOLM = ZoneInfo("Europe/Stockholm")
WEDNESDAY = datetime(2026, 11, 25, 10, tzinfo=UTC)


def when(every: str, day: int, hour: int, *, at: datetime = WEDNESDAY, last: datetime | None = None) -> str:
    found = next_after(at, STOCKHOLM, every=every, day=day, hour=hour, last=last)
    assert found > at
    return f"{found.astimezone(STOCKHOLM):%a %Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("every", "day", "hour", "due"),
    [
        ("week", 0, 9, "Mon 2026-11-30 09:00"),
        ("week", 2, 9, "Wed 2026-12-02 09:00"),  # nine o'clock has passed, there it is eleven
        ("week", 2, 12, "Wed 2026-11-25 12:00"),
        ("month", 1, 9, "Tue 2026-12-01 09:00"),
        ("month", 31, 0, "Mon 2026-11-30 00:00"),
        ("days", 14, 9, "Wed 2026-12-09 09:00"),
        ("days", 1, 12, "Wed 2026-11-25 12:00"),
    ],
)
def test_the_next_time_is_meant_in_the_zone_of_the_network(every: str, day: int, hour: int, due: str) -> None:
    assert when(every, day, hour) == due


def test_every_so_many_days_is_counted_from_the_time_before_however_late_it_is() -> None:
    last = datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert when("days", 10, 9, last=last) == "Fri 2026-12-04 09:00"
    assert when("days", 10, 9, last=last, at=datetime(2026, 12, 20, tzinfo=UTC)) == "Thu 2026-12-24 09:00"


def test_an_hour_that_the_clocks_skip_is_the_one_after_it() -> None:
    night = datetime(2027, 3, 27, 12, tzinfo=UTC)
    assert when("days", 1, 2, at=night) == "Sun 2027-03-28 03:00"


def test_it_is_said_in_words() -> None:
    assert in_words("week", 0, 9) == "Every Monday at 09:00"
    assert in_words("days", 1, 0) == "Every day at 00:00"
    assert in_words("month", 31, 23) == "Each month on day 31 at 23:00"
