"""A socket that never blocks, encrypted or not, and waits only as long as a deadline allows."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl

from transports.deadline import Deadline

_AT_ONCE = 64 * 1024
_QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)  # Linux only


class LineLost(Exception):
    """The connection is gone, or so slow that it must be given up."""


class TooSlow(LineLost):
    """The other side has let a deadline pass."""


class Wire:
    """Bytes to and from one server."""

    def __init__(self, sock: socket.socket) -> None:
        """Raises `LineLost` if the connection is gone already."""
        try:
            self.peer = _address(sock)
        except OSError as error:
            sock.close()
            raise LineLost("The server hung up at once.") from error
        sock.setblocking(False)
        self._over_ip = sock.family in (socket.AF_INET, socket.AF_INET6)
        if self._over_ip:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock = sock
        self.tls = ""

    def fileno(self) -> int:
        return self._sock.fileno()

    def encrypt(self, context: ssl.SSLContext, host: str, deadline: Deadline) -> None:
        """Shake hands by TLS; raises `ssl.SSLError` or `LineLost`."""
        secure = self._wrapped(context, host)
        while True:
            try:
                secure.do_handshake()
                break
            except ssl.SSLWantReadError:
                self._wait(select.POLLIN, deadline, "The TLS handshake took too long.")
            except ssl.SSLWantWriteError:
                self._wait(select.POLLOUT, deadline, "The TLS handshake took too long.")
            except ssl.SSLEOFError as error:
                raise LineLost("The server hung up during the TLS handshake.") from error
            except ssl.SSLError:
                raise
            except OSError as error:
                raise LineLost(f"The connection broke during the TLS handshake: {error.strerror}.") from error
        self.tls = secure.version() or ""

    def _wrapped(self, context: ssl.SSLContext, host: str) -> ssl.SSLSocket:
        try:
            secure = context.wrap_socket(self._sock, server_hostname=host, do_handshake_on_connect=False)
        except OSError as error:
            raise LineLost("The server hung up before the TLS handshake.") from error
        self._sock = secure
        return secure

    @property
    def certificate(self) -> dict[str, object]:
        """The verified certificate of the other side; empty on a clear line."""
        found = self._sock.getpeercert() if isinstance(self._sock, ssl.SSLSocket) else None
        return dict(found) if found else {}

    @property
    def pending(self) -> bool:
        """Whether decrypted bytes wait that no poll will announce."""
        return isinstance(self._sock, ssl.SSLSocket) and self._sock.pending() > 0

    def read(self) -> bytes | None:
        """What has come; None if nothing has, b"" if the server hung up."""
        try:
            return self._sock.recv(_AT_ONCE)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None
        except ssl.SSLEOFError:
            return b""
        except OSError as error:
            raise LineLost(f"The connection broke: {error.strerror or error}.") from error

    def write(self, data: memoryview | bytes) -> int:
        """How many of these bytes the system took."""
        try:
            return self._sock.send(data)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return 0
        except OSError as error:
            raise LineLost(f"The connection broke: {error.strerror or error}.") from error

    def read_by(self, deadline: Deadline) -> bytes:
        """What comes before the deadline; raises `LineLost` at the end of the line."""
        while (data := self.read()) is None:
            self._wait(select.POLLIN, deadline, "The server did not answer in time.")
        if not data:
            raise LineLost("The server hung up.")
        return data

    def write_by(self, data: bytes, deadline: Deadline) -> None:
        """Write all of it before the deadline."""
        while data:
            data = data[self.write(data) :]
            if data:
                self._wait(select.POLLOUT, deadline, "The server does not read what we send.")

    def acknowledge(self) -> None:
        """Tell the other side's system now what has come: some servers send one reply at a time and wait for that."""
        if _QUICKACK is not None and self._over_ip:
            with contextlib.suppress(OSError):
                self._sock.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)

    def local_address(self) -> str:
        """Our own address on this connection."""
        return str(self._sock.getsockname()[0])

    def close(self) -> None:
        self._sock.close()

    def _wait(self, what: int, deadline: Deadline, late: str) -> None:
        poll = select.poll()
        poll.register(self._sock, what)
        if not poll.poll(deadline.remaining() * 1000):
            raise TooSlow(late)


def _address(sock: socket.socket) -> str:
    return str(sock.getpeername()[0]) if sock.family in (socket.AF_INET, socket.AF_INET6) else "local"
