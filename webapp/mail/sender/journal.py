"""A child's journal: a line before a body leaves, a line when the answer has come. What a killed process knew is in here.

The lines are written plainly, without fsync: that survives any death of the process, though not of the machine. The file
is locked from its birth until the child ends; who holds the lock alone may read what it says about open mails.
"""

import fcntl
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

import msgspec

from webapp.mail.sender.results import Result

REWRITE_BYTES = 1024 * 1024
_encode, _decode = msgspec.json.Encoder().encode, msgspec.json.Decoder(Result).decode


class Journal:
    """Written by the lanes of one child."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._open: dict[int, bytes] = {}  # what the parent has not recorded yet, by mail
        self._size = 0
        self._torn = False  # the last line may be incomplete; the next one must not be taken for its end

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
            if self._size > REWRITE_BYTES or (self._size and not self._open):
                self._rewrite()

    def _append(self, mail_id: int, line: bytes) -> None:
        with self._lock:
            torn, self._torn = self._torn, True
            _write(self._descriptor, b"\n" + line if torn else line)
            self._torn = False
            self._size += len(line)
            self._open[mail_id] = self._open.get(mail_id, b"") + line

    def _rewrite(self) -> None:
        """The new file is whole and locked before it takes the name of the old one."""
        if not self._open:
            os.ftruncate(self._descriptor, 0)
            self._size = 0
            return
        fresh = self._path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            content = b"".join(self._open.values())
            _write(descriptor, content)
            fresh.replace(self._path)
        except OSError:  # no room: the old one goes on
            os.close(descriptor)
            return
        os.close(self._descriptor)
        self._descriptor, self._size = descriptor, len(content)


@dataclass
class Account:
    """What journals say: which mails began to leave under which lease, and the outcomes that were known."""

    begun: dict[int, int] = field(default_factory=dict)
    done: dict[int, Result] = field(default_factory=dict)

    def read(self, path: Path) -> None:
        """Take in one journal; a torn last line, or one that was damaged, is passed over."""
        for line in path.read_bytes().split(b"\n"):
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
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def _write(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
