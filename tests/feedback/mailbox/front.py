"""TLS in front of a server in the clear: from the start, or after the STARTTLS that IMAP and POP3 know. It can also cut lines."""

import contextlib
import select
import socket
import ssl
import threading

OFFERS = {
    "imap": (b"* OK ready\r\n", b"STARTTLS", b"OK go on\r\n"),
    "pop3": (b"+OK ready\r\n", b"STLS", b"+OK go on\r\n"),
}


class Front:
    """Listens on `port` until `close`. With `cut_after`, each line is cut when so many bytes came from the server."""

    def __init__(
        self, behind: int, context: ssl.SSLContext | None, *, starttls: str = "", cut_after: int = 0
    ) -> None:
        self._behind, self._context, self._starttls = behind, context, starttls
        self.cut_after = cut_after
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                client.settimeout(20)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError, ssl.SSLError), contextlib.ExitStack() as stack:
            stack.callback(client.close)
            server = stack.enter_context(socket.create_connection(("127.0.0.1", self._behind)))
            if self._starttls:
                _until_starttls(client, *OFFERS[self._starttls])
                server.recv(4096)  # its greeting
            if self._context is not None:
                client = self._context.wrap_socket(client, server_side=True)
                stack.callback(client.close)
            _relay(client, server, self.cut_after)


def _until_starttls(client: socket.socket, greeting: bytes, word: bytes, answer: bytes) -> None:
    client.sendall(greeting)
    imap = greeting.startswith(b"*")
    while True:
        line = client.recv(1000)
        tag = line.split(b" ")[0] + b" " if imap else b""
        if word in line.upper() or not line:
            client.sendall(tag + answer)
            return
        told = (
            b"* CAPABILITY IMAP4rev1 STARTTLS\r\n" + tag + b"OK done\r\n" if imap else b"+OK\r\nSTLS\r\n.\r\n"
        )
        client.sendall(told)


def _relay(client: socket.socket, server: socket.socket, limit: int) -> None:
    """In one thread: an encrypted socket must not be read and written by two at once."""
    passed = 0
    while True:
        buffered = isinstance(client, ssl.SSLSocket) and client.pending()
        ready = [client] if buffered else select.select([client, server], [], [], 20)[0]
        for one in ready:
            data = one.recv(65_536)
            passed += len(data) if one is server else 0
            if not data or (limit and passed > limit):
                return
            (client if one is server else server).sendall(data)
        if not ready:
            return
