"""`offerpost worker` as it really runs, in processes that may be killed, frozen and stopped."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 45.0


class Sender:
    """One worker. What it says goes into `log`."""

    def __init__(
        self, environ: dict[str, str], log: Path, *options: str, prepare: Callable[[], None] | None = None
    ) -> None:
        self.log = log
        with log.open("ab") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "webapp.cli", "worker", *options],
                env={**os.environ, **environ},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                preexec_fn=prepare,
            )

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def children(self) -> list[int]:
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        with contextlib.suppress(OSError):
            return [int(pid) for pid in path.read_text().split()]
        return []

    def kill_children(self) -> None:
        for pid in self.children():
            kill(pid)

    def kill_parent(self) -> None:
        """The parent alone: its children notice by themselves."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def kill_all(self) -> None:
        """Everything at one blow, so that nothing is noted any more."""
        children = self.children()
        for pid in (self.process.pid, *children):
            os.kill(pid, signal.SIGSTOP)
        for pid in children:
            kill(pid)
        self.kill_parent()

    def freeze(self, *, parent: bool = False) -> list[int]:
        """SIGSTOP; returns what `thaw` wants."""
        pids = ([self.process.pid] if parent else []) + self.children()
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        return pids

    def stop(self) -> int:
        """SIGTERM, and the status with which it ends."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


def thaw(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def kill(pid: int) -> None:
    """kill -9, and wait until it does nothing more."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    until(lambda: not _runs(pid), 5)


def until(true: Callable[[], object], seconds: float = PATIENCE, what: str = "it") -> None:
    """Wait for something that another process does."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, f"{what} did not happen within {seconds:.0f} s"
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in ("Z", "X")
