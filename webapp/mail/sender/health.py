"""How the mail servers fare: which must rest for a while, and which refuse so much that they are to be paused."""

import time
from collections import deque
from dataclasses import dataclass, field

from webapp.mail.sender.results import ACCEPTED, BACK, DEFERRED, Result
from webapp.mail.sender.verdicts import is_policy, refuses_us

SHORTEST_REST, LONGEST_REST = 30.0, 600.0
IN_A_ROW, WINDOW, SHARE = 3, 50, 0.10
DEFERRALS_IN_A_ROW = 20
GROW_AFTER = 20  # accepted mails until one more connection is used again


@dataclass
class Health:
    """Of one mail server, as this sender sees it."""

    rests_until: float = 0.0
    rest: float = 0.0
    words: str = ""
    allowed: int | None = None  # connections after a slow-down, None for all
    accepted: int = 0
    deferred_in_a_row: int = 0
    policy_in_a_row: int = 0
    last: deque[bool] = field(default_factory=lambda: deque(maxlen=WINDOW))

    def resting(self) -> bool:
        return time.monotonic() < self.rests_until

    def slow_down(self, words: str, retry_after: float | None = None) -> None:
        """Rest, longer each time, and begin again with one connection."""
        if self.resting():
            return
        self.rest = min(max(self.rest * 2, SHORTEST_REST), LONGEST_REST)
        self.rests_until = time.monotonic() + max(self.rest, retry_after or 0.0)
        self.allowed, self.accepted, self.words = 1, 0, words

    def connections(self, wanted: int) -> int:
        return wanted if self.allowed is None else min(wanted, self.allowed)

    def note(self, result: Result) -> str:
        """Take one outcome in; returns why the server is to be paused, or an empty text."""
        if result.status == BACK:
            return ""
        if result.status == ACCEPTED:
            self._went_well()
        self._count_deferrals(result)
        if refuses_us(result):
            return f"The mail server refuses our mail: {result.code} {result.detail}".strip()
        return self._policy(result)

    def _went_well(self) -> None:
        self.accepted += 1
        self.rest, self.words = 0.0, ""
        if self.allowed is not None and self.accepted % GROW_AFTER == 0:
            self.allowed += 1

    def _count_deferrals(self, result: Result) -> None:
        self.deferred_in_a_row = self.deferred_in_a_row + 1 if result.status == DEFERRED else 0
        if self.deferred_in_a_row >= DEFERRALS_IN_A_ROW:
            self.deferred_in_a_row = 0
            self.slow_down(f"It defers one mail after another: {result.code} {result.detail}".strip())

    def _policy(self, result: Result) -> str:
        refused = is_policy(result)
        self.last.append(refused)
        self.policy_in_a_row = self.policy_in_a_row + 1 if refused else 0
        often = len(self.last) == WINDOW and sum(self.last) >= WINDOW * SHARE
        if self.policy_in_a_row >= IN_A_ROW or (refused and often):
            self.last.clear()
            self.policy_in_a_row = 0
            return (
                f"The mail server refuses several mails for reasons of policy: {result.code} {result.detail}"
            )
        return ""
