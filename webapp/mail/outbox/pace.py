"""What a mail server's owner allows beside plain limits: hours, a warm-up plan, limits by recipient domain. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo

ALL_OTHERS = "*"  # the row for domains that have none of their own
HOURS = re.compile(r"([01]?\d|2[0-3])(?::([0-5]\d))?\s*-\s*([01]?\d|2[0-4])(?::([0-5]\d))?")
CONNECTIONS = re.compile(r"\b([1-9]\d{0,2}) connections?\b")
RATE = re.compile(r"([1-9]\d{0,7})/(minute|hour|day)")
DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
LAST_DAY = 400  # by then every plan has reached whatever a server can take


class Unreadable(ValueError):
    """What was typed, and how to write it instead."""


@dataclass(frozen=True)
class Hours:
    """From when until when announcements may leave, by the network's clock. It may go over midnight."""

    begins: time
    ends: time
    zone: tzinfo = UTC

    def open_at(self, moment: datetime) -> bool:
        clock = moment.astimezone(self.zone).time()
        if self.begins < self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends

    def __str__(self) -> str:
        return f"{self.begins:%H:%M}-{self.ends:%H:%M}"


@dataclass(frozen=True)
class WarmUp:
    """A new server gets `first` mails on the first day and `growth` percent more on each one after it."""

    first: int
    growth: int
    begins: date

    def budget(self, day: date) -> int:
        """Mails on that day: none before the plan begins."""
        gone = (day - self.begins).days
        return 0 if gone < 0 else int(self.first * (1 + self.growth / 100) ** min(gone, LAST_DAY))


@dataclass(frozen=True)
class Pace:
    """All of it, for one server."""

    hours: Hours | None = None
    warm_up: WarmUp | None = None
    domains: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    connections: Mapping[str, int] = field(default_factory=dict)  # at once to a domain

    @property
    def named(self) -> set[str]:
        """The domains that have a line of their own."""
        return {*self.domains, *self.connections}

    def domain_limits(self, domain: str) -> Mapping[str, int]:
        """Limits by span for mails to this domain; empty without any."""
        return self.domains.get(domain if domain in self.named else ALL_OTHERS, {})

    def connections_to(self, domain: str) -> int | None:
        """How many connections may be busy with mails to this domain at once; None: as many as there are."""
        return self.connections.get(domain if domain in self.named else ALL_OTHERS)


def parse_hours(text: str, zone: tzinfo = UTC) -> Hours | None:
    """`08:00-20:00` or `8-20`; None for an empty text. Raises `Unreadable`."""
    if not text.strip():
        return None
    found = HOURS.fullmatch(text.strip().replace("–", "-"))
    if found is None:
        raise Unreadable("is not like 08:00-20:00. Write from when until when announcements may leave.")
    begins = time(int(found[1]), int(found[2] or 0))
    if found[3] == "24" and int(found[4] or 0):
        raise Unreadable("ends after midnight. Write 00:00 or 24:00 for the end of the day.")
    ends = time(int(found[3]) % 24, int(found[4] or 0))
    if begins == ends:
        raise Unreadable("begins when it ends. Leave it empty to send at any time.")
    return Hours(begins, ends, zone)


def parse_day(text: str) -> date:
    """`2026-12-01`. Raises `Unreadable`."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Unreadable("is not a date. Write it like 2026-12-01.") from None


def parse_domains(text: str) -> dict[str, dict[str, int]]:
    """`gmail.com 20/minute 500/hour`, one domain a line or behind a semicolon; `*` for all others. Raises `Unreadable`."""
    found: dict[str, dict[str, int]] = {}
    for words, connections in _lines(text):
        domain, rates = words[0].removeprefix("@"), [RATE.fullmatch(word) for word in words[1:]]
        if domain != ALL_OTHERS and not DOMAIN.fullmatch(domain):
            raise Unreadable(
                f"names “{domain[:60]}”, which is no domain. Write lines like: gmail.com 20/minute."
            )
        if not (rates or connections) or None in rates:
            raise Unreadable(
                f"is unclear about {domain[:60]}. Write lines like: gmail.com 20/minute 500/hour 2 connections."
            )
        if domain in found:
            raise Unreadable(f"names {domain[:60]} twice. Put its limits on one line.")
        found[domain] = {rate[2]: int(rate[1]) for rate in rates if rate is not None}
    return found


def parse_connections(text: str) -> dict[str, int]:
    """The connections at once of the same lines, `gmail.com 2 connections`."""
    return {words[0].removeprefix("@"): connections for words, connections in _lines(text) if connections}


def _lines(text: str) -> Iterator[tuple[list[str], int]]:
    """The words of each line, without its connections, and these as a number, or 0."""
    for line in re.split(r"[\n;]+", text):
        plain = " ".join(line.replace(",", " ").lower().split())
        found = CONNECTIONS.search(plain)
        words = CONNECTIONS.sub("", plain, count=1).split()
        if words:
            yield words, int(found[1]) if found else 0


def domain_of(address: str) -> str:
    """What stands behind the last @, in lower case."""
    return address.rpartition("@")[2].lower()
