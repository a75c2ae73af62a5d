"""A point in time that a whole exchange must not pass, on a clock that nobody sets."""

from __future__ import annotations

import time


class Deadline:
    """`seconds` from now; give the same one to every step so that a slow drip cannot stretch it."""

    def __init__(self, seconds: float) -> None:
        self.at = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds that are left: a little more than 0 even when none are, so that it can be a socket's time-out."""
        return max(self.at - time.monotonic(), 0.001)

    @property
    def passed(self) -> bool:
        return time.monotonic() >= self.at

    def sooner(self, seconds: float) -> Deadline:
        """This deadline, or `seconds` from now if that comes first."""
        other = Deadline(seconds)
        return other if other.at < self.at else self
