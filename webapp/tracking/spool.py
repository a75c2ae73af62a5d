"""Where clicks wait for the database: a file of lines, one written before each redirect, so that a burst of clicks never
waits for a lock of the database, and a killed process loses none.

Each process writes a file of its own, holds a lock on it (`flock`) as long as it does, and begins a new one from time to
time. Whoever takes clicks in reads on where he stopped, and removes a file when its writer has left it. A line that has
no line feed yet is not finished and waits.

A flood leaves the disk bounded: of one mail a file takes few clicks, and all files together so many bytes. What is refused
is counted, and the count is written down as a line of its own.
"""

import fcntl
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

PATTERN = "clicks-*.lines"
LINES, SECONDS = 20_000, 600.0  # after so many, or so long, a file is left
OF_ONE_MAIL = 200  # clicks in one file: nobody takes its links so often
MOST_BYTES = 64 * 1024 * 1024  # of all files: more than a million hits that wait for the database
BREATH = 1.0  # seconds between two lines that tell how many were refused, and between two looks at the folder
OPENED, REFUSED = -1, -2  # in the place of a link: the number is that of a message, or how many were refused


@dataclass(frozen=True)
class Written:
    """One line as it was written down. `key` is the same however often the file is read. `link` may be `OPENED` or
    `REFUSED`; `mail_id` then is the number of the message, or how many.
    """

    key: str
    mail_id: int
    link: int
    machine: str
    at: datetime

    @property
    def place(self) -> int:
        """Where its line begins."""
        return int(self.key.rpartition(":")[2])


class Spool:
    """The file into which this process writes; made when the first click comes."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._lock = folder, threading.Lock()
        self._descriptor, self._lines, self._since = -1, 0, 0.0
        self._of_mail: Counter[int] = Counter()
        self._refused, self._told, self._full_until = 0, 0.0, 0.0

    def write(self, mail_id: int, link: int, machine: str, at: datetime) -> bool:
        """Returns when the operating system has it, which keeps it when this process dies; False if it was refused."""
        with self._lock:
            taken = self._ready() and (link < 0 or self._of_mail[mail_id] < OF_ONE_MAIL)
            if taken:
                self._of_mail[mail_id] += link >= 0
                self._line(mail_id, link, machine, at)
            else:
                self._refused += 1
            if self._refused and self._descriptor >= 0 and time.monotonic() - self._told > BREATH:
                self._tell(at)
            return taken

    def _line(self, number: int, link: int, machine: str, at: datetime) -> None:
        os.write(self._descriptor, f"{at.timestamp():.3f} {number} {link} {machine or '-'}\n".encode())
        self._lines += 1

    def _tell(self, at: datetime) -> None:
        self._line(self._refused, REFUSED, "", at)
        self._refused, self._told = 0, time.monotonic()

    def _ready(self) -> bool:
        """Whether there is a file with room; begins one while the folder has room."""
        now = time.monotonic()
        if self._descriptor >= 0 and self._lines < LINES and now - self._since <= SECONDS:
            return True
        if now < self._full_until:
            return False
        self._leave()
        if sum(path.stat().st_size for path in self._folder.glob(PATTERN)) >= MOST_BYTES:
            self._full_until = now + BREATH
            return False
        self._begin()
        return True

    def close(self) -> None:
        """Leave the present file; the next click begins another."""
        with self._lock:
            self._leave()

    def _begin(self) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL
        self._descriptor = os.open(self._folder / f"clicks-{token_hex(8)}.lines", flags, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        self._lines, self._since = 0, time.monotonic()
        self._of_mail.clear()

    def _leave(self) -> None:
        if self._descriptor >= 0:
            if self._refused:
                self._tell(datetime.now(UTC))
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
