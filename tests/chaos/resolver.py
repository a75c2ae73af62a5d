"""A process whose machine asks a name server of ours, and no other."""

import ctypes
import os
from collections.abc import Callable
from pathlib import Path

CLONE_NEWNS = 0x20000  # <sched.h>
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000  # <sys/mount.h>
PLACE = b"/etc/resolv.conf"


def asks(host: str, file: Path) -> Callable[[], None]:
    """What a process does before it starts, so that its resolver knows only the name server at `host`, port 53. Needs root."""
    file.write_text(f"nameserver {host}\noptions timeout:1 attempts:2\n")
    libc = ctypes.CDLL(None, use_errno=True)

    def prepare() -> None:
        steps = (
            lambda: libc.unshare(CLONE_NEWNS),
            lambda: libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None),
            lambda: libc.mount(bytes(file), PLACE, None, MS_BIND, None),
        )
        for step in steps:
            if step():
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    return prepare
