"""The highest fencing number that was handed out here, kept beside the database: a restored database knows only lower ones."""

import os
from pathlib import Path

FILE = "last-claim"
WIDTH = 20  # one write of always the same length: no reader sees half a number


def read(home: Path) -> int:
    """0 where nothing was ever claimed."""
    try:
        return int((home / FILE).read_text())
    except (FileNotFoundError, ValueError):
        return 0


class HighWater:
    """Raised after the commit of a claim and before anything of it leaves, so that it never runs ahead of the database.

    No fsync: killing the process does not lose it, and after a power loss it is merely a little behind.
    """

    def __init__(self, home: Path) -> None:
        self.value = read(home)
        self._descriptor = os.open(home / FILE, os.O_WRONLY | os.O_CREAT, 0o600)

    def raise_to(self, lease: int) -> None:
        if lease > self.value:
            os.pwrite(self._descriptor, f"{lease:<{WIDTH - 1}}\n".encode(), 0)
            self.value = lease

    def close(self) -> None:
        os.close(self._descriptor)
