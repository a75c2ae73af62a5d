"""The days, weeks or months of a report, the oldest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from webapp.reports.counting import month_of

DAY, WEEK, MONTH = UNITS = ("day", "week", "month")
LENGTHS = {DAY: 30, WEEK: 26, MONTH: 24}
DAYS_KEPT = 200  # of sums by recipient domain: 26 weeks and some more


@dataclass(frozen=True)
class Span:
    """`keys` are those of the sums it is made of."""

    begins: date
    words: str
    keys: Sequence[str]


def spans(unit: str, today: date) -> list[Span]:
    """So many of them, the present one last."""
    return list(reversed([_back(unit, today, back) for back in range(LENGTHS[unit])]))


def _back(unit: str, today: date, back: int) -> Span:
    if unit == MONTH:
        months = today.year * 12 + today.month - 1 - back
        first = date(months // 12, months % 12 + 1, 1)
        return Span(first, f"{first:%b %Y}", (month_of(first.isoformat()),))
    if unit == WEEK:
        monday = today - timedelta(days=today.weekday() + 7 * back)
        days = [monday + timedelta(days=number) for number in range(7)]
        return Span(monday, f"{monday.day} {monday:%b}", tuple(day.isoformat() for day in days))
    day = today - timedelta(days=back)
    return Span(day, f"{day.day} {day:%b}", (day.isoformat(),))
