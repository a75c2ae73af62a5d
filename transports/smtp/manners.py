"""How we speak to a server, as long as it can bear it."""

from __future__ import annotations

from dataclasses import dataclass

WIDEST = 4


@dataclass(frozen=True, slots=True)
class Manners:
    """`window` is how many whole mails may be on their way over one connection where CHUNKING is offered; 1: no BDAT."""

    pipelining: bool = True
    window: int = 1


LOCKSTEP = Manners(pipelining=False)
