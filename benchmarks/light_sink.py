"""A mail server that takes everything and, if asked, notes for whom: `python -m benchmarks.light_sink PORT [FILE [CERTIFICATE]]`.

It looks at no more than it must, so that it costs less than those it measures. One thread, PIPELINING and CHUNKING;
with a certificate TLS and any sign-in.
"""

import selectors
import socket
import ssl
import sys
from contextlib import suppress
from typing import BinaryIO

_EXTENSIONS = (b"PIPELINING", b"CHUNKING", b"8BITMIME", b"SMTPUTF8")
_HELLO = b"250-sink.example\r\n%s250 ENHANCEDSTATUSCODES\r\n" % b"".join(
    b"250-%s\r\n" % one for one in _EXTENSIONS
)
_SECURE = _HELLO.replace(b"\r\n", b"\r\n250-AUTH PLAIN\r\n", 1)
_END = b"\r\n.\r\n"


class Client:
    """One connection: what was said and not understood yet."""

    def __init__(self, sock: socket.socket, record: BinaryIO | None) -> None:
        self.sock, self._record = sock, record
        self._rest, self._in_body, self._recipient = b"", False, b""

    def hear(self) -> bool:
        """Answer everything that has come; False when the other side has gone."""
        try:
            data = self.sock.recv(262_144)
            while isinstance(self.sock, ssl.SSLSocket) and self.sock.pending():
                data += self.sock.recv(262_144)  # it is decrypted already, so no selector tells of it
        except OSError:
            return False
        if not data:
            return False
        data = self._rest + data
        out: list[bytes] = []
        self._rest = self._understand(data, out)
        self.sock.sendall(b"".join(out))
        return b"221 Bye\r\n" not in out

    def _understand(self, data: bytes, out: list[bytes]) -> bytes:
        place = 0
        while place < len(data):
            if self._in_body:
                end = data.find(_END, place)
                if end < 0:
                    return data[max(place, len(data) - len(_END) + 1) :]
                self._accepted(out)
                place = end + len(_END)
                continue
            end = data.find(b"\r\n", place)
            if end < 0:
                return data[place:]
            line = data[place:end]
            if line.startswith(b"BDAT "):
                behind = end + 2 + int(line.split()[1])
                if behind > len(data):
                    return data[place:]
                self._accepted(out)
                place = behind
                continue
            self._command(line, out)
            place = end + 2
        return b""

    def _accepted(self, out: list[bytes]) -> None:
        self._in_body = False
        if self._record is not None:
            self._record.write(self._recipient + b"\n")
            self._record.flush()
        out.append(b"250 2.0.0 Ok\r\n")

    def _command(self, line: bytes, out: list[bytes]) -> None:
        word = line[:4].upper()
        if word == b"DATA":
            self._in_body = True
            out.append(b"354 Go on\r\n")
        elif word == b"EHLO":
            out.append(_SECURE if isinstance(self.sock, ssl.SSLSocket) else _HELLO)
        elif word == b"AUTH":
            out.append(b"235 2.7.0 Ok\r\n")
        elif word == b"QUIT":
            out.append(b"221 Bye\r\n")
        else:
            if word == b"RCPT":
                self._recipient = line.partition(b"<")[2].partition(b">")[0]
            out.append(b"250 2.1.0 Ok\r\n")


def _context(certificate: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def _greeted(sock: socket.socket, context: ssl.SSLContext | None) -> socket.socket:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if context is not None:
        sock.settimeout(5)
        sock = context.wrap_socket(sock, server_side=True)
    sock.sendall(b"220 sink.example ESMTP\r\n")
    return sock


def main() -> None:
    port, name = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
    record = open(name, "ab") if name else None  # noqa: SIM115, PTH123 - for the life of the process
    context = _context(sys.argv[3]) if len(sys.argv) > 3 else None
    selector = selectors.DefaultSelector()
    with socket.create_server(("127.0.0.1", port), backlog=256) as listener:
        selector.register(listener, selectors.EVENT_READ, None)
        while True:
            for key, _ in selector.select():
                if key.data is None:
                    with suppress(OSError):  # whoever only looked whether somebody listens has gone
                        sock = _greeted(listener.accept()[0], context)
                        selector.register(sock, selectors.EVENT_READ, Client(sock, record))
                elif not key.data.hear():
                    selector.unregister(key.data.sock)
                    key.data.sock.close()


if __name__ == "__main__":
    main()
