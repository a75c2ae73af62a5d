"""How the mail servers fare, as this sender sees it. What must rest is written down by `slowing`, for all senders."""

from collections import deque
from dataclasses import dataclass, field

from webapp.mail.sender.asking import Asking
from webapp.mail.sender.results import ACCEPTED, BACK, DEFERRED, Result
from webapp.mail.sender.verdicts import is_policy, refuses_us

IN_A_ROW, WINDOW, SHARE = 3, 50, 0.10
DEFERRALS_IN_A_ROW = 20
REMEMBERED = 1_000  # outcomes between two claims whose domain may matter


@dataclass(frozen=True)
class Slowdown:
    """The whole server is to rest: `busy` when it said so, otherwise it could not be reached."""

    words: str
    retry_after: float | None = None
    busy: bool = True


@dataclass
class Health:
    """Of one mail server. What was seen since the last claim is handed to `slowing.settle` and then forgotten."""

    slowdowns: list[Slowdown] = field(default_factory=list)
    put_off: list[Result] = field(default_factory=list)  # deferrals that speak of us, not of a mailbox
    accepted: int = 0
    accepted_ids: list[int] = field(default_factory=list)  # while a domain recovers
    recovering: bool = False
    most: int = 1  # connections when all is well
    asking: Asking = field(default_factory=Asking)
    deferred_in_a_row: int = 0
    policy_in_a_row: int = 0
    last: deque[bool] = field(default_factory=lambda: deque(maxlen=WINDOW))
    tallies: dict[str, tuple[int, float]] = field(default_factory=dict)  # by domain: deferrals, since when

    def resting(self) -> bool:
        """Whether it was slowed down so lately that it is not written yet."""
        return bool(self.slowdowns)

    def slow_down(self, words: str, retry_after: float | None = None, *, busy: bool = True) -> None:
        self.slowdowns.append(Slowdown(words, retry_after, busy))

    def note(self, result: Result) -> str:
        """Take one outcome in; returns why the server is to be paused, or an empty text."""
        if result.status == BACK:
            return ""
        if result.status == ACCEPTED:
            self.accepted += 1
            if self.recovering and len(self.accepted_ids) < REMEMBERED:
                self.accepted_ids.append(result.mail_id)
            self.deferred_in_a_row = self.policy_in_a_row = 0
            self.last.append(False)
            return ""
        self._count_deferrals(result)
        if refuses_us(result):
            return f"The mail server refuses our mail: {result.code} {result.detail}".strip()
        return self._policy(result)

    def forget(self) -> None:
        """What was seen is written down."""
        self.slowdowns, self.put_off, self.accepted, self.accepted_ids = [], [], 0, []

    def _count_deferrals(self, result: Result) -> None:
        if result.status != DEFERRED:
            self.deferred_in_a_row = 0
            return
        self.deferred_in_a_row += 1
        if speaks_of_us(result) and len(self.put_off) < REMEMBERED:
            self.put_off.append(result)
        if self.deferred_in_a_row >= DEFERRALS_IN_A_ROW:
            self.deferred_in_a_row = 0
            self.slow_down(f"It defers one mail after another: {result.code} {result.detail}".strip())

    def _policy(self, result: Result) -> str:
        refused = is_policy(result)
        self.last.append(refused)
        self.policy_in_a_row = self.policy_in_a_row + 1 if refused else 0
        if refused and (self.policy_in_a_row >= IN_A_ROW or self._often()):
            self.last.clear()
            self.policy_in_a_row = 0
            return (
                f"The mail server refuses several mails for reasons of policy: {result.code} {result.detail}"
            )
        return ""

    def _often(self) -> bool:
        return len(self.last) == WINDOW and sum(self.last) >= WINDOW * SHARE


def is_plain(result: Result) -> bool:
    """Whether one such reply is enough: 421, or 4.7.28 by which large providers say that mail comes too fast."""
    return result.code.startswith("421") or result.enhanced == "4.7.28"


def speaks_of_us(result: Result) -> bool:
    """Whether a deferral may be about our pace or name: 421, 450, 4.7.x; not about a mailbox (4.2.x)."""
    return (
        is_plain(result)
        or result.enhanced.startswith("4.7.")
        or (result.code == "450" and not result.enhanced)
    )
