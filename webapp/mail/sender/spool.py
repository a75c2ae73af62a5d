"""The sender's place on disk: locks that die with their process, the number that pokes, a folder of journals a sender."""

import fcntl
import os
import shutil
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from webapp.mail.poke import FIFO, GENERATION

LEAST_FREE = 16 * 1024 * 1024  # bytes; below it no mail leaves, since its outcome might not be kept
BOOT = "boot"


def boot_id() -> str:
    """Changes with each start of the machine: what was written without fsync before then is not to be trusted."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return "unknown"


def host_name() -> str:
    return socket.gethostname()[:200]


def lock(path: Path) -> int | None:
    """A descriptor that holds the file's lock as long as it is open; None if somebody else holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def lock_existing(path: Path) -> int | None:
    """The same for a file that must be there and must still be the one of that name when it is locked."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        same = os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        same = False
    if not same:
        os.close(descriptor)
        return None
    return descriptor


def generation_file(spool: Path) -> Path:
    """The file with the number that changes at each poke; made if it is not there."""
    path = spool / GENERATION
    if not path.exists() or path.stat().st_size < 8:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.pwrite(descriptor, bytes(8), 0)
        os.close(descriptor)
    return path


def has_room(spool: Path) -> bool:
    return shutil.disk_usage(spool).free >= LEAST_FREE


@dataclass(frozen=True)
class SenderFolder:
    """`spool/sender-<id>/`: lock, bell and journals of one sender parent."""

    path: Path

    @classmethod
    def of(cls, spool: Path, sender_id: int) -> "SenderFolder":
        return cls(spool / f"sender-{sender_id}")

    @classmethod
    def every(cls, spool: Path) -> "list[SenderFolder]":
        return [cls(path) for path in sorted(spool.glob("sender-*")) if path.is_dir()]

    @property
    def sender_id(self) -> int:
        return int(self.path.name.partition("-")[2])

    @property
    def lock_file(self) -> Path:
        return self.path / "lock"

    @property
    def fifo(self) -> Path:
        return self.path / FIFO

    def journals(self) -> list[Path]:
        return sorted(self.path.glob("*.journal"))

    def create(self) -> int:
        """Make the folder and hold its lock; returns the lock's descriptor. Nobody sees it before it is locked and whole."""
        fresh = SenderFolder(self.path.with_name(f".{self.path.name}.new"))
        fresh.remove()
        fresh.path.mkdir(mode=0o700, parents=True)
        held = lock(fresh.lock_file)
        assert held is not None
        (fresh.path / BOOT).write_text(boot_id())
        os.mkfifo(fresh.fifo, 0o600)
        fresh.path.rename(self.path)
        return held

    def trusted(self) -> bool:
        """Whether the journals were written since this machine started."""
        try:
            return (self.path / BOOT).read_text() == boot_id()
        except OSError:
            return False

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
