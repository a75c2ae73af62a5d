"""Sums of the tally over days: what rules judge and pages draw. Each is a short walk along an index."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.among import among
from webapp.domains.case import registrable
from webapp.guards.models import ALL, TallyDay
from webapp.guards.tally import COLUMNS, day_of

GMAIL = ("gmail.com", "googlemail.com")
CANDIDATES = 25  # recipient domains of each day, the busiest first


@dataclass(frozen=True)
class Sums:
    accepted: int = 0
    deferred: int = 0
    refused: int = 0
    gone: int = 0
    hard: int = 0
    soft: int = 0
    complained: int = 0
    unsubscribed: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*(getattr(self, name) + getattr(other, name) for name in COLUMNS))

    @property
    def sent(self) -> int:
        """Mails with an answer about the address: accepted, or refused because it does not exist."""
        return self.accepted + self.gone

    @property
    def bad(self) -> int:
        """Mails to addresses that do not exist, whenever that was said."""
        return self.gone + self.hard

    @property
    def delivered(self) -> int:
        """Accepted and not bounced for good, as far as is known: nobody tells of each delivery."""
        return max(0, self.accepted - self.hard)

    @property
    def bounced(self) -> int:
        return self.hard + self.soft


@dataclass(frozen=True)
class Day:
    date: date
    sums: Sums

    @property
    def words(self) -> str:
        return f"{self.date.day} {self.date:%b}"


def days_back(now: datetime, count: int) -> list[str]:
    """The last `count` days with today, the oldest first."""
    today = date.fromisoformat(day_of(now))
    return [(today - timedelta(days=back)).isoformat() for back in range(count - 1, -1, -1)]


def senders(session: Session) -> list[str]:
    """Every sending domain of which something is counted; hops from one to the next, however many rows there are."""
    found: list[str] = []
    while True:
        after = TallyDay.sender > (found[-1] if found else "")
        nearest = session.scalar(select(func.min(TallyDay.sender)).where(after))
        if nearest is None:
            return found
        found.append(nearest)


def daily(
    session: Session, sender: str, days: Collection[str], *, recipient: str = ALL, kind: str = ""
) -> dict[str, Sums]:
    """Sums by day; a day without mail is missing."""
    rows = select(TallyDay.day, *(getattr(TallyDay, name) for name in COLUMNS)).where(
        TallyDay.sender == sender,
        TallyDay.recipient == recipient,
        TallyDay.day.between(min(days), max(days)),
    )
    found: dict[str, Sums] = {}
    for day, *counts in session.execute(rows.where(TallyDay.kind == kind) if kind else rows):
        found[day] = found.get(day, Sums()) + Sums(*counts)
    return found


def total(
    session: Session, sender: str, days: Collection[str], *, recipient: str = ALL, kind: str = ""
) -> Sums:
    return reduce(Sums.__add__, daily(session, sender, days, recipient=recipient, kind=kind).values(), Sums())


def busiest_recipients(
    session: Session, sender: str, days: Collection[str], limit: int
) -> list[tuple[str, Sums]]:
    """The recipient domains that got the most, found among the busiest of each day."""
    names: set[str] = set()
    for day in days:
        busy = select(TallyDay.recipient).where(TallyDay.sender == sender, TallyDay.day == day)
        names |= set(session.scalars(busy.order_by(TallyDay.accepted.desc()).limit(CANDIDATES)))
    rows = (
        select(TallyDay.recipient, *(func.sum(getattr(TallyDay, name)) for name in COLUMNS))
        .where(
            TallyDay.sender == sender,
            among(TallyDay.recipient, sorted(names - {ALL})),
            TallyDay.day.between(min(days), max(days)),
        )
        .group_by(TallyDay.recipient)
    )
    found = [(name, Sums(*map(int, counts))) for name, *counts in session.execute(rows)] if names else []
    return sorted(found, key=lambda one: (-one[1].sent, one[0]))[:limit]


def kinds_sent(session: Session, days: Collection[str], kind: str) -> list[str]:
    """The domains that sent this kind of mail on these days."""
    return [one for one in senders(session) if total(session, one, days, kind=kind).accepted]


def to_gmail(session: Session, sender: str) -> dict[str, int]:
    """Mails to Gmail by day, of the whole organisation: sub-domains are added up, as Gmail does."""
    mine, found = registrable(sender), Counter[str]()
    for name in senders(session):
        for recipient in GMAIL if registrable(name) == mine else ():
            rows = select(TallyDay.day, TallyDay.accepted).where(
                TallyDay.sender == name, TallyDay.recipient == recipient
            )
            for day, count in session.execute(rows):
                found[day] += count
    return dict(found)
