"""The limits that every mail server has, declared like a transport's own fields: drawn, cleaned and documented the same way."""

from collections.abc import Callable, Mapping
from typing import Any

from transports.fields import FieldProblem, Integer, Text, Value
from webapp.mail.outbox import pace

MOST = 1_000_000

LIMITS = (
    Integer("max_per_second", "At most per second", minimum=1, maximum=MOST, advanced=True),
    Integer("max_per_minute", "At most per minute", minimum=1, maximum=MOST, advanced=True),
    Integer("max_per_hour", "At most per hour", minimum=1, maximum=MOST, advanced=True),
    Integer(
        "max_per_day",
        "At most per day",
        minimum=1,
        maximum=100 * MOST,
        advanced=True,
        help="Minutes, hours and days are those of the clock, in UTC. If your provider counts the last 60 minutes or 24 "
        "hours instead, set the next shorter limit, too: with 600 an hour and 10 a minute, no 60 minutes see more than 610.",
    ),
    Integer(
        "connections",
        "Connections at once",
        minimum=1,
        maximum=50,
        default=4,
        advanced=True,
        help="Most providers allow 5 to 20. With two or more, one is kept for operational mail.",
    ),
    Text(
        "hours",
        "Hours for announcements",
        placeholder="08:00-20:00",
        max_length=20,
        advanced=True,
        help="By the network’s clock; operational mail leaves at any time. Empty: always.",
    ),
    Text(
        "domain_limits",
        "Limits by recipient domain",
        multiline=True,
        max_length=10_000,
        advanced=True,
        help="A line each, such as: gmail.com 20/minute 500/hour 2 connections. One that begins with * is for each other domain.",
    ),
    Integer(
        "warm_up_first",
        "Warm-up: mails on the first day",
        minimum=1,
        maximum=MOST,
        advanced=True,
        help="For a new server or address. Leave all three empty without a plan.",
    ),
    Integer(
        "warm_up_growth",
        "Warm-up: percent more each day",
        minimum=1,
        maximum=300,
        advanced=True,
        help="50 makes 50, 75, 112, … of 50.",
    ),
    Text(
        "warm_up_from",
        "Warm-up: first day",
        placeholder="2026-12-01",
        max_length=10,
        advanced=True,
        help="Nothing leaves through this server before it.",
    ),
)
NAMES = tuple(field.name for field in LIMITS)
GROUPS = {
    "Speed and connections": (
        "max_per_second", "max_per_minute", "max_per_hour", "max_per_day", "connections",
    ),
    "Hours for announcements": ("hours",),
    "Limits by recipient domain": ("domain_limits",),
    "Warm-up plan": ("warm_up_first", "warm_up_growth", "warm_up_from"),
}  # fmt: skip
WARM_UP = ("warm_up_first", "warm_up_growth", "warm_up_from")


def problems(values: Mapping[str, Value]) -> list[FieldProblem]:
    """What is wrong with values that are fine field by field."""
    checks: dict[str, Callable[[str], Any]] = {
        "hours": pace.parse_hours,
        "domain_limits": pace.parse_domains,
        "warm_up_from": lambda text: pace.parse_day(text) if text else None,
    }
    labels = {field.name: field.label for field in LIMITS}
    found = []
    for name, check in checks.items():
        try:
            check(str(values.get(name) or ""))
        except pace.Unreadable as error:
            found.append(FieldProblem(name, f"{labels[name]} {error}"))
    missing = [name for name in WARM_UP if not values.get(name)]
    if 0 < len(missing) < len(WARM_UP):
        found += [
            FieldProblem(name, f"{labels[name]} is missing: a plan needs all three, or none.")
            for name in missing
        ]
    return found


def pace_of(server: Any, zone: Any) -> pace.Pace:
    """The stored values of a server as the mail core reads them."""
    warm_up = None
    if server.warm_up_first and server.warm_up_growth and server.warm_up_from:
        begins = pace.parse_day(server.warm_up_from)
        warm_up = pace.WarmUp(server.warm_up_first, server.warm_up_growth, begins)
    return pace.Pace(
        pace.parse_hours(server.hours, zone),
        warm_up,
        pace.parse_domains(server.domain_limits),
        pace.parse_connections(server.domain_limits),
    )
