"""A small SMTP server on loopback that does exactly what a test tells it, one thread a connection."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

Answer = "str | bytes | Callable[[Peer], str | bytes | None]"


@dataclass
class Peer:
    """One connection, as the server sees it."""

    sock: socket.socket
    number: int
    commands: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    recipient: str = ""
    accepted: bool = False  # the recipient
    encrypted: bool = False
    rest: bytes = b""

    def say(self, text: str | bytes) -> None:
        data = text if isinstance(text, bytes) else text.replace("\n", "\r\n").encode() + b"\r\n"
        self.sock.sendall(data)

    def line(self) -> str:
        while b"\r\n" not in self.rest:
            data = self.sock.recv(65536)
            if not data:
                raise ConnectionError
            self.rest += data
        line, _, self.rest = self.rest.partition(b"\r\n")
        return line.decode()

    def message(self) -> bytes:
        while not (self.rest.startswith(b".\r\n") or b"\r\n.\r\n" in self.rest):
            data = self.sock.recv(65536)
            if not data:
                raise ConnectionError
            self.rest += data
        if self.rest.startswith(b".\r\n"):
            self.rest = self.rest[3:]
            return b""
        body, _, self.rest = self.rest.partition(b"\r\n.\r\n")
        return body + b"\r\n"

    def octets(self, count: int) -> bytes:
        while len(self.rest) < count:
            data = self.sock.recv(65536)
            if not data:
                raise ConnectionError
            self.rest += data
        data, self.rest = self.rest[:count], self.rest[count:]
        return data

    def drop(self) -> None:
        raise ConnectionError

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        raise ConnectionError


DROP = Peer.drop
EHLO = (
    "250-test.example\n250-PIPELINING\n250-SIZE 1000000\n250-8BITMIME\n250-ENHANCEDSTATUSCODES\n250 SMTPUTF8"
)
CHUNKING = EHLO.replace("250 SMTPUTF8", "250-SMTPUTF8\n250 CHUNKING")
LOCKSTEP = "250-test.example\n250 8BITMIME"
GOOD = {
    "connect": "220 test.example ESMTP",
    "EHLO": EHLO,
    "MAIL": "250 2.1.0 Ok",
    "RCPT": "250 2.1.5 Ok",
    "DATA": "354 Go ahead",
    "dot": "250 2.0.0 Ok: queued as 4Zt1Kq2RyZ",
    "RSET": "250 2.0.0 Ok",
    "QUIT": "221 2.0.0 Bye",
    "AUTH": "235 2.7.0 Welcome",
    "STARTTLS": "220 2.0.0 Ready",
}


class SmtpServer:
    """Answers as `GOOD` says but for what is overridden; a callable gets the `Peer` and may do anything."""

    def __init__(
        self, *, context: ssl.SSLContext | None = None, tls: bool = False, **answers: Answer
    ) -> None:
        self.answers = {**GOOD, **answers}
        self.context, self.tls = context, tls
        self.peers: list[Peer] = []
        self.mails: list[tuple[str, bytes]] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._stopped = False

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped = True
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for peer in self.peers:
            try:
                peer.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    @property
    def commands(self) -> list[str]:
        return [command for peer in self.peers for command in peer.commands]

    @property
    def recipients(self) -> list[str]:
        return [recipient for recipient, _ in self.mails]

    def _accept(self) -> None:
        while not self._stopped:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            peer = Peer(sock, len(self.peers))
            self.peers.append(peer)
            threading.Thread(target=self._run, args=(peer,), daemon=True).start()

    def _run(self, peer: Peer) -> None:
        try:
            if self.tls:
                self._encrypt(peer)
            self._answer(peer, "connect")
            while True:
                self._command(peer, peer.line())
        except (OSError, ValueError):
            pass
        finally:
            peer.sock.close()

    def _command(self, peer: Peer, line: str) -> None:
        peer.commands.append(line)
        verb = line.split(" ")[0].upper()
        if verb == "RCPT":
            peer.recipient = line.split("<", 1)[1].split(">")[0]
        if verb == "BDAT":
            self._chunk(peer, peer.octets(int(line.split()[1])))
            return
        said = self._answer(peer, verb)
        if verb in ("MAIL", "RCPT", "RSET"):
            peer.accepted = verb == "RCPT" and said.startswith(b"250")
        if verb == "DATA" and said.startswith(b"354"):
            body = peer.message()
            if body:
                self.mails.append((peer.recipient, body))
            self._answer(peer, "dot")
        elif verb == "STARTTLS" and said.startswith(b"220"):
            self._encrypt(peer)
        elif verb == "QUIT":
            raise ConnectionError

    def _chunk(self, peer: Peer, body: bytes) -> None:
        if not (peer.accepted or "BDAT" in self.answers):
            peer.say("503 5.5.1 No recipient")
            return
        if peer.accepted:
            self.mails.append((peer.recipient, body))
        peer.accepted = False
        self._answer(peer, "BDAT" if "BDAT" in self.answers else "dot")

    def _answer(self, peer: Peer, event: str) -> bytes:
        answer = self.answers.get(event, "500 5.5.1 What?")
        said = answer(peer) if callable(answer) else answer
        if said is None:
            return b""
        peer.say(said)
        return said if isinstance(said, bytes) else said.encode()

    def _encrypt(self, peer: Peer) -> None:
        assert self.context is not None
        peer.sock = self.context.wrap_socket(peer.sock, server_side=True)
        peer.encrypted = True


def drip(text: str, pause: float = 0.1) -> Callable[[Peer], None]:
    """One byte, a pause, the next."""

    def say(peer: Peer) -> None:
        for char in text:
            peer.say(char.encode())
            time.sleep(pause)

    return say


def flood(chunk: bytes, megabytes: int) -> Callable[[Peer], None]:
    """The same again and again."""

    def say(peer: Peer) -> None:
        for _ in range(megabytes * 1_000_000 // len(chunk)):
            peer.say(chunk)

    return say


def on(number: int, answer: Answer, otherwise: Answer) -> Callable[[Peer], str | bytes | None]:
    """One answer on connection `number`, another on the others."""

    def choose(peer: Peer) -> str | bytes | None:
        chosen = answer if peer.number == number else otherwise
        return chosen(peer) if callable(chosen) else chosen

    return choose
