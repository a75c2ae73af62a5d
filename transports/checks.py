"""What a connection test found, and what a way of sending wants to see in the DNS."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from transports.said import printable


class Step(StrEnum):
    """The steps of a connection test, in their order."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    ENCRYPT = "encrypt"
    LOGIN = "login"
    SENDER = "sender"


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Check:
    """One step of a connection test: `said` are the server's own words, `words` are ours."""

    step: Step
    verdict: Verdict
    said: str = ""
    words: str = ""
    remedies: tuple[str, ...] = ()
    took_ms: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "step", Step(self.step))
        object.__setattr__(self, "verdict", Verdict(self.verdict))
        object.__setattr__(self, "said", printable(self.said))


@dataclass(frozen=True, slots=True)
class DnsExpectation:
    """A record that this way of sending needs: `contains` must occur in a record of that name and type."""

    name: str
    type: str
    contains: str
    why: str
    required: bool = True
