"""A port of this machine that a test server listens on, with a thread for each connection."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from dataclasses import dataclass
from typing import Self

LIFE = 60.0  # seconds that a connection may last, so that no test hangs


@dataclass(frozen=True, slots=True)
class Cut:
    """Close the line, or with `reset` tear it down."""

    reset: bool = False


@dataclass(frozen=True, slots=True)
class Hang:
    """Say nothing and read nothing."""

    seconds: float = LIFE


@dataclass(frozen=True, slots=True)
class Drip:
    """Answer one byte at a time."""

    text: str
    seconds: float = 0.2


@dataclass(frozen=True, slots=True)
class Flood:
    """Answer without end."""

    line: str = "250-" + "x" * 500
    megabytes: int = 64


class Gone(Exception):
    """The line was cut on purpose."""


class Listener:
    """Use it as a context manager; `port` is free for the asking. Subclasses write `talk`."""

    host = "127.0.0.1"

    def __init__(self) -> None:
        self.connections = 0
        self.over = threading.Event()
        self._latest = threading.local()
        self._lines: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listening = socket.create_server((self.host, 0))
        self.port: int = self._listening.getsockname()[1]

    def __enter__(self) -> Self:
        self._listening.settimeout(0.1)
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for line in list(self._lines):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        for line in self._lines:
            line.close()
        self._listening.close()

    def talk(self, line: socket.socket) -> None:
        """Speak with one client; the line is closed afterwards."""
        raise NotImplementedError

    def follow(self, line: socket.socket) -> None:
        """Close this socket when the conversation or the server ends; TLS makes a new one of the first."""
        self._lines.add(line)
        self._latest.line = line

    def misbehave(self, line: socket.socket, action: bytes | Cut | Hang | Drip | Flood) -> None:
        """Do one of these things to the client."""
        if isinstance(action, bytes):
            line.sendall(action)
        elif isinstance(action, Cut):
            if action.reset:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raise Gone
        elif isinstance(action, Hang):
            self.over.wait(action.seconds)
            raise Gone
        elif isinstance(action, Drip):
            for byte in action.text.encode() + b"\r\n":
                line.sendall(bytes([byte]))
                if self.over.wait(action.seconds):
                    raise Gone
        else:
            self._flood(line, action)

    def _flood(self, line: socket.socket, flood: Flood) -> None:
        block = (flood.line + "\r\n").encode() * 100
        for _ in range(flood.megabytes * 1024 * 1024 // len(block)):
            line.sendall(block)
            if self.over.is_set():
                break
        raise Gone

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self.over.is_set():
            try:
                line, _ = self._listening.accept()
            except TimeoutError:
                continue
            # Without this each short reply waits 40 ms for the acknowledgement of the one before it.
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            self._start(self._serve, line)

    def _serve(self, line: socket.socket) -> None:
        line.settimeout(LIFE)
        self.follow(line)
        try:
            self.talk(line)
        except (OSError, Gone):
            pass
        finally:
            self._latest.line.close()
