"""Those who send: each takes a port and a number of mails and says what it took. One file each."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Run:
    """`cpu` are seconds of the client, children included; `rss_mb` is the memory of its largest process."""

    mails: int
    seconds: float
    cpu: float
    rss_mb: float

    @property
    def rate(self) -> float:
        return self.mails / self.seconds

    @property
    def cpu_per_thousand(self) -> float:
        return self.cpu / self.mails * 1000


class Contestant(Protocol):
    """`mails` are as many as take it about two seconds."""

    name: str
    composes: bool
    mails: int

    def run(self, port: int, mails: int) -> Run: ...
