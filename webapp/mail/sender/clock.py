"""Notices that the wall clock of this machine was set back."""

import time

NOTICED = 30.0  # seconds; what time servers correct little by little is less


class Clock:
    """Compares the wall clock with one that nobody sets."""

    def __init__(self) -> None:
        self._ahead = self._difference()

    def was_set_back(self) -> bool:
        """Whether that happened since the last call."""
        before, self._ahead = self._ahead, self._difference()
        return before - self._ahead > NOTICED

    @staticmethod
    def _difference() -> float:
        return time.time() - time.monotonic()
