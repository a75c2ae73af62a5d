"""When a digest is due: day and hour as they are in the network's time zone, also over a change of the clocks."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEK, DAYS, MONTH = "week", "days", "month"
MOST_DAYS = 90
NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def next_after(
    moment: datetime, zone: ZoneInfo, *, every: str, day: int, hour: int, last: datetime | None = None
) -> datetime:
    """The first time after `moment`, in UTC. Every so many days is counted from `last`, the time before, if there was one.

    The 31st is the last day of a shorter month; an hour that the clocks skip is the one after it.
    """
    here = moment.astimezone(zone).date()
    if every == DAYS and last is not None:
        passed = max((here - last.astimezone(zone).date()).days, 0)
        here = last.astimezone(zone).date() + timedelta(days=passed // day * day)
    step = timedelta(days=day) if every == DAYS else timedelta(days=1)
    while not (_fits(here, every, day) and _at(here, hour, zone) > moment):
        here += step
    return _at(here, hour, zone)


def in_words(every: str, day: int, hour: int) -> str:
    """ "Every Monday at 09:00" """
    if every == WEEK:
        return f"Every {NAMES[day]} at {hour:02}:00"
    if every == MONTH:
        return f"Each month on day {day} at {hour:02}:00"
    return f"Every {day} days at {hour:02}:00" if day > 1 else f"Every day at {hour:02}:00"


def _fits(day: date, every: str, wanted: int) -> bool:
    if every == WEEK:
        return day.weekday() == wanted
    if every == MONTH:
        return day.day == min(wanted, monthrange(day.year, day.month)[1])
    return True


def _at(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(hour), zone).astimezone(UTC)
