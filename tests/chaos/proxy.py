"""Stands between a worker and PostgreSQL: refuses, cuts, or loses the answer to a COMMIT that took place."""

import contextlib
import socket
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from transports.testing.listener import Gone, Listener

COMMIT = b"COMMIT\x00"


class PostgresProxy(Listener):
    """`url` is where a worker finds the database `target`; `down` cuts every line and refuses new ones."""

    def __init__(self, target: str) -> None:
        super().__init__()
        parts = urlsplit(target)
        folder = Path(parse_qs(parts.query)["host"][0])
        self._socket = next(folder.glob(".s.PGSQL.*[0-9]"))
        self.url = f"postgresql://{parts.username}:@{self.host}:{self.port}{parts.path}?sslmode=disable&gssencmode=disable"
        self.down = False
        self.lost_commits = 0
        self._marker, self._after = b"", 0
        self._marked: set[socket.socket] = set()
        self._losing: set[socket.socket] = set()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()

    def lose_the_commit_of(self, words: str, *, after: int = 0) -> None:
        """Break the line right after a transaction with these words was committed, once, after so many good ones."""
        self._marker, self._after = words.encode(), after

    def fall(self) -> None:
        """PostgreSQL is gone: lines break, new ones are not taken."""
        self.down = True
        for pair in list(self._pairs):
            self._end(pair)

    def talk(self, line: socket.socket) -> None:
        if self.down:
            raise Gone
        behind = socket.socket(socket.AF_UNIX)
        behind.connect(str(self._socket))
        pair = (line, behind)
        line.settimeout(None)
        self._pairs.add(pair)
        threading.Thread(target=self._back, args=pair, daemon=True).start()
        try:
            while data := line.recv(65536):
                self._look(line, data)
                behind.sendall(data)
        finally:
            self._end(pair)

    def _look(self, line: socket.socket, data: bytes) -> None:
        if self._marker and self._marker in data:
            self._marked.add(line)
        if COMMIT in data and line in self._marked:
            self._marked.discard(line)
            self._after -= 1
            if self._after < 0:
                self._marker = b""
                self._losing.add(line)

    def _back(self, line: socket.socket, behind: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := behind.recv(65536):
                if line in self._losing:  # the commit is done, and nobody hears of it
                    self._losing.discard(line)
                    self.lost_commits += 1
                    break
                line.sendall(data)
        self._end((line, behind))

    def _end(self, pair: tuple[socket.socket, socket.socket]) -> None:
        self._pairs.discard(pair)
        for one in pair:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        pair[1].close()
