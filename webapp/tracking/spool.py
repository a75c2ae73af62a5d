"""Where clicks wait for the database: a file of lines, one written before each redirect, so that a burst of clicks never
waits for a lock of the database, and a killed process loses none.

Each process writes a file of its own, holds a lock on it (`flock`) as long as it does, and begins a new one from time to
time. Whoever takes clicks in reads on where he stopped, and removes a file when its writer has left it. A line that has
no line feed yet is not finished and waits.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

PATTERN = "clicks-*.lines"
LINES, SECONDS = 20_000, 600.0  # after so many, or so long, a file is left


@dataclass(frozen=True)
class Written:
    """One click as it was written down. `key` is the same however often the file is read."""

    key: str
    mail_id: int
    link: int
    machine: str
    at: datetime


class Spool:
    """The file into which this process writes; made when the first click comes."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._lock = folder, threading.Lock()
        self._descriptor, self._lines, self._since = -1, 0, 0.0

    def write(self, mail_id: int, link: int, machine: str, at: datetime) -> None:
        """Returns when the operating system has it, which keeps it when this process dies."""
        line = f"{at.timestamp():.3f} {mail_id} {link} {machine or '-'}\n".encode()
        with self._lock:
            if self._descriptor < 0 or self._lines >= LINES or time.monotonic() - self._since > SECONDS:
                self._begin()
            os.write(self._descriptor, line)
            self._lines += 1

    def close(self) -> None:
        """Leave the present file; the next click begins another."""
        with self._lock:
            self._leave()

    def _begin(self) -> None:
        self._leave()
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL
        self._descriptor = os.open(self._folder / f"clicks-{token_hex(8)}.lines", flags, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        self._lines, self._since = 0, time.monotonic()

    def _leave(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def clicks_in(path: Path, place: int) -> tuple[list[Written], int]:
    """The finished clicks of a file from `place` on, and where to go on."""
    with path.open("rb") as file:
        file.seek(place)
        content = file.read()
    content = content[: content.rfind(b"\n") + 1]
    return list(_read(path.stem, place, content)), place + len(content)


def remove_if_left(path: Path, place: int) -> bool:
    """Remove a file that nobody writes any more and of which everything before `place`, its end, was taken in."""
    with suppress(BlockingIOError), path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        size = os.fstat(file.fileno()).st_size
        age = time.time() - os.fstat(file.fileno()).st_mtime
        file.seek(place)
        if (size == place or b"\n" not in file.read()) and (size or age > SECONDS):
            path.unlink(missing_ok=True)
            return True
    return False


def _read(name: str, place: int, content: bytes) -> Iterator[Written]:
    for line in content.splitlines(keepends=True):
        with suppress(ValueError, OverflowError, OSError):  # a damaged line costs no other one
            at, mail_id, link, machine = line.decode("ascii").split()
            moment = datetime.fromtimestamp(float(at), UTC)
            yield Written(f"{name}:{place}", int(mail_id), int(link), machine.strip("-"), moment)
        place += len(line)
