"""Connections to one recipient domain, dealt out: to the senders that live, and in each to its children and its spare one.

Each lane gets a number of its own and never has more mails to that domain on their way, so that all together keep to the
limit without asking each other.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import cycle

from sqlalchemy import ColumnElement, and_, false, not_, or_

from webapp.mail.outbox.claim import Claim, ClaimedMail
from webapp.mail.outbox.domains import goes_to
from webapp.mail.outbox.pace import ALL_OTHERS, Pace, domain_of


@dataclass(frozen=True)
class Dealt:
    """Mails by the place of the child that gets them, those that any child may get, and those that none may."""

    rationed: list[list[ClaimedMail]]
    free: list[ClaimedMail] = field(default_factory=list)
    nobodys: list[ClaimedMail] = field(default_factory=list)


@dataclass(frozen=True)
class Shares:
    """Of one server, for the sender number `rank` of `senders`; `express` when it keeps a connection for operational mail."""

    pace: Pace
    rank: int = 0
    senders: int = 1
    express: bool = False
    settled: bool = True  # one that has just started waits until the others have made room

    def own(self, domain: str) -> int | None:
        """This sender's part; None: as many as it likes."""
        limit = self.pace.connections_to(domain)
        if limit is None:
            return None
        return part_of(limit, self.senders, self.rank) if self.settled else 0

    def of_express(self, domain: str) -> int | None:
        """One of three or more; with fewer, operational mail to that domain takes turns with the others."""
        own = self.own(domain)
        return None if own is None else int(self.express and own > 2)

    def of_child(self, domain: str, place: int, children: int) -> int | None:
        own = self.own(domain)
        return None if own is None else part_of(own - (self.of_express(domain) or 0), children, place)

    def may_use_express(self, mail: ClaimedMail, seat: int) -> bool:
        """Whether the connection for operational mail may carry this one; another seat may have it for a moment."""
        if not self.pace.connections:
            return True
        domain = domain_of(mail.address)
        return self.own(domain) is None or (seat == 0 and self.of_express(domain) != 0)

    def deal(self, mails: Sequence[ClaimedMail], places: Sequence[int], children: int) -> Dealt:
        """Mails whose domain has few connections go to the children that have one, in turns.

        `places` are those of the children at hand among all: parts belong to places, whoever else is just starting.
        """
        dealt = Dealt([[] for _ in places])
        if not self.pace.connections:
            return replace(dealt, free=list(mails))
        turns: dict[str, Iterator[int]] = {}
        for mail in mails:
            domain = domain_of(mail.address)
            if self.own(domain) is None:
                dealt.free.append(mail)
                continue
            if domain not in turns:
                holders = [n for n, place in enumerate(places) if self.of_child(domain, place, children)]
                turns[domain] = cycle(holders)
            holder = next(turns[domain], None)
            (dealt.nobodys if holder is None else dealt.rationed[holder]).append(mail)
        return dealt

    def only(self) -> ColumnElement[bool] | None:
        """Which mails this sender may claim at all, if it has no connection to some domains; None: all."""
        limited = self.pace.connections
        if ALL_OTHERS in limited and self.own(ALL_OTHERS) == 0:
            mine = sorted(domain for domain in self.pace.named - {ALL_OTHERS} if self.own(domain) != 0)
            return or_(false(), *map(goes_to, mine))
        without = sorted(domain for domain in limited if self.own(domain) == 0)
        return and_(*(not_(goes_to(domain)) for domain in without)) if without else None


def told(claim: Claim, share: Callable[[str], int | None]) -> dict[str, int]:
    """By domain, for the lane that gets these mails; without those that have no limit."""
    if not claim.server.pace.connections:
        return {}
    found = {domain: share(domain) for domain in {domain_of(mail.address) for mail in claim.mails}}
    return {domain: count for domain, count in found.items() if count is not None}


def part_of(whole: int, members: int, place: int) -> int:
    """What the member at that place gets: the first ones one more, so that the parts add up."""
    return whole // members + (1 if place < whole % members else 0)
