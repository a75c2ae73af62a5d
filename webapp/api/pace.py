"""How often somebody may ask: counted by the minute, in the memory of this process."""

import time
from threading import Lock

SECONDS = 60


class Pace:
    """So many turns a minute for each subject. With several web processes each counts for itself."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._minute, self._taken = 0, dict[str, int]()
        self._lock = Lock()

    def take(self, subject: str, *, turns: int = 1) -> int:
        """Take a turn: 0, or the seconds to wait. `turns` 0 only looks."""
        now = int(time.time())
        with self._lock:
            if now // SECONDS != self._minute:
                self._minute, self._taken = now // SECONDS, {}
            taken = self._taken.get(subject, 0)
            if taken >= self.most:
                return SECONDS - now % SECONDS
            if turns:
                self._taken[subject] = taken + turns
            return 0
