"""Reads mails in a process of its own, each within a time limit: whoever writes to the bounce address chooses the bytes.

One process serves many mails. A mail on which it stalls, falls over or outgrows its memory is `Unreadable`, and the next
one gets a new process.
"""

import os
import resource
import select
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import msgspec

from webapp.feedback.returned import Reading, read
from webapp.mail.mime import LONGEST

SECONDS = 10.0
MEMORY = 512 * 1024 * 1024
CODE_ROOT = Path(__file__).resolve().parents[2]


class Unreadable(Exception):
    """This mail took too long, too much memory, or brought the reader down."""


class PatientReader:
    """Callable like `read`; a context manager that ends its process."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __call__(self, raw: bytes) -> Reading:
        raw = raw[:LONGEST]
        process = self._process = self._process or _started()
        try:
            answer = _asked(process, raw, time.monotonic() + self._seconds)
            return msgspec.json.decode(answer, type=Reading)
        except (OSError, msgspec.DecodeError, TimeoutError) as trouble:
            self.close()
            raise Unreadable(str(trouble)) from trouble

    def __enter__(self) -> "PatientReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process, whatever it is doing."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """The process: a length and a mail in, a length and a reading as JSON out, until there is no more."""
    while size := requests.read(4):
        answer = msgspec.json.encode(read(requests.read(int.from_bytes(size))))
        answers.write(len(answer).to_bytes(4) + answer)
        answers.flush()


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "webapp.feedback.reader_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        cwd=CODE_ROOT,
    )


def _asked(process: subprocess.Popen[bytes], raw: bytes, ends: float) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    # It reads the whole mail before it thinks about it, so this waits for nobody.
    rest = memoryview(len(raw).to_bytes(4) + raw)
    while rest:
        rest = rest[os.write(process.stdin.fileno(), rest[:65_536]) :]
    size = int.from_bytes(_received(process.stdout.fileno(), 4, ends))
    return _received(process.stdout.fileno(), size, ends)


def _received(descriptor: int, size: int, ends: float) -> bytes:
    parts: list[bytes] = []
    while size:
        ready, _, _ = select.select([descriptor], [], [], max(0.0, ends - time.monotonic()))
        if not ready:
            raise TimeoutError("it took too long")
        part = os.read(descriptor, size)
        if not part:
            raise OSError("the reader ended")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    serve(sys.stdin.buffer, sys.stdout.buffer)
