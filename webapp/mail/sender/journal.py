"""A child's journal: a line before a body leaves, a line when the answer has come. What a killed process knew is in here.

The lines go into a file that lies in memory as well (mmap), without fsync: that survives any death of the process, though
not of the machine, and costs no system call. The room for them is reserved before, so that a full disk is noticed when the
file is made, and not in the middle of a line. The file is locked from its birth until the child ends; who holds the lock
alone may read what it says about open mails.
"""

import errno
import fcntl
import mmap
import os
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

import msgspec

from webapp.mail.sender.results import Result

ROOM = 1024 * 1024  # bytes of a journal; when they are used up, a new one begins with what is still open
_encode, _decode = msgspec.json.Encoder().encode, msgspec.json.Decoder(Result).decode


class Journal:
    """Written by the lanes of one child."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._open: dict[int, bytes] = {}  # the last line of each mail that the parent has not recorded yet
        self._memory, self._end, self._began_with = mmap.mmap(descriptor, 0), 0, 0

    def begin(self, mail_id: int, lease: int) -> None:
        """This mail's body leaves now. Raises `OSError` if that cannot be written down; then it must not leave."""
        self._append(mail_id, b"B %d %d\n" % (mail_id, lease))

    def done(self, result: Result) -> None:
        """The outcome of a mail is known."""
        text = _encode(result)
        self._append(result.mail_id, b"D %d %08x %b\n" % (result.mail_id, crc32(text), text))

    def recorded(self, mail_ids: Iterable[int]) -> None:
        """These outcomes lie in the database: forget them, and make the file small when it has grown."""
        with self._lock:
            for mail_id in mail_ids:
                self._open.pop(mail_id, None)
            if not self._open:
                self._memory[: self._end] = bytes(self._end)
                self._end = 0
            elif self._end > max(len(self._memory) // 2, 2 * self._began_with):
                with suppress(OSError):  # no room for another file: this one goes on to its end
                    self._renew(0)

    def _append(self, mail_id: int, line: bytes) -> None:
        with self._lock:
            end = self._end + len(line)
            if end > len(self._memory):
                self._renew(len(line))
                end = self._end + len(line)
            self._memory[self._end : end] = line
            self._end = end
            self._open[mail_id] = line

    def _renew(self, more: int) -> None:
        """Go on in a new file: it is whole and locked before it takes the name of the old one."""
        content = b"".join(self._open.values())
        fresh = self._path.with_suffix(".new")
        descriptor = _reserved(fresh, os.O_TRUNC, max(ROOM, 2 * (len(content) + more)))
        try:
            memory = mmap.mmap(descriptor, 0)
            memory[: len(content)] = content
            fresh.replace(self._path)
        except OSError:
            os.close(descriptor)
            raise
        self._memory.close()
        os.close(self._descriptor)
        self._descriptor, self._memory = descriptor, memory
        self._end = self._began_with = len(content)


@dataclass
class Account:
    """What journals say: which mails began to leave under which lease, and the outcomes that were known."""

    begun: dict[int, int] = field(default_factory=dict)
    done: dict[int, Result] = field(default_factory=dict)

    def read(self, path: Path) -> None:
        """Take in one journal; a torn last line, or one that was damaged, is passed over."""
        for line in path.read_bytes().rstrip(b"\0").split(b"\n"):
            kind, _, rest = line.partition(b" ")
            if kind == b"B":
                self._begun(rest)
            elif kind == b"D":
                self._done(rest)

    def _begun(self, rest: bytes) -> None:
        mail_id, _, lease = rest.partition(b" ")
        if mail_id.isdigit() and lease.isdigit():
            self.begun[int(mail_id)] = max(int(lease), self.begun.get(int(mail_id), 0))

    def _done(self, rest: bytes) -> None:
        parts = rest.split(b" ", 2)
        if len(parts) == 3 and parts[1] == b"%08x" % crc32(parts[2]):
            result = _decode(parts[2])
            older = self.done.get(result.mail_id)
            if older is None or older.lease <= result.lease:
                self.done[result.mail_id] = result


def create(path: Path) -> int:
    """A new journal, locked; the descriptor is handed to the child, with which the lock lives on."""
    return _reserved(path, os.O_EXCL, ROOM)


def _reserved(path: Path, how: int, size: int) -> int:
    """A locked file with its room; raises `OSError` when the disk has none."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | how, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.write(descriptor, bytes(size)) < size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    except OSError:
        os.close(descriptor)
        path.unlink(missing_ok=True)
        raise
    return descriptor
