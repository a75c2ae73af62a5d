"""One client's conversation with the test server."""

from __future__ import annotations

import base64
import binascii
import re
import socket
from typing import TYPE_CHECKING

from transports.testing.listener import Drip, Gone
from transports.testing.smtp_server import Received

if TYPE_CHECKING:
    from transports.testing.smtp_server import SmtpServer

LONGEST = 64 * 1024


class Conversation:
    """Reads commands and answers each by the method of its name, or as a rule of the server wants."""

    def __init__(self, server: SmtpServer, line: socket.socket) -> None:
        self.server = server
        self.line = line
        self.buffer = bytearray()
        self.encrypted = False
        self.user = ""
        self.sender: str | None = None
        self.recipients: list[str] = []
        self.chunks = bytearray()

    def run(self) -> None:
        if self.server.implicit:
            self._encrypt()
        self.answer("BANNER", "220 test.example ESMTP at your service")
        while (command := self._read_line()) is not None:
            with self.server._lock:
                self.server.commands.append(command)
            verb, _, argument = command.partition(b" ")
            method = getattr(self, f"_on_{verb.decode('ascii', 'replace').lower()}", None)
            if method is None:
                self._say("500 5.5.2 I don't know this command")
            else:
                method(argument)

    def answer(self, place: str, reply: str, about: bytes = b"") -> bool:
        """Give the reply, or do what a rule wants instead; whether the client heard a good answer."""
        action = self.server.rule(place, about)
        if action is None or isinstance(action, str):
            self._say(action or reply)
            return (action or reply)[:1] in ("2", "3")
        self.server.misbehave(self.line, action)
        heard = action.text.encode() if isinstance(action, Drip) else action
        return isinstance(heard, bytes) and heard[:1] in (b"2", b"3")

    def _on_ehlo(self, name: bytes) -> None:
        self._reset()
        lines = ["test.example greets you", *self.server.extensions]
        if self.server.tls and not self.encrypted:
            lines.append("STARTTLS")
        if self.server.users and (self.encrypted or self.server.auth_in_clear):
            lines.append(f"AUTH {self.server.auth}")
        reply = "\r\n".join(f"250-{line}" for line in lines[:-1]) + f"\r\n250 {lines[-1]}"
        self.answer("EHLO", reply, name)

    def _on_helo(self, name: bytes) -> None:
        self._reset()
        self.answer("HELO", "250 test.example", name)

    def _on_starttls(self, argument: bytes) -> None:
        if not self.server.tls or self.encrypted:
            self.answer("STARTTLS", "502 5.5.1 Not here")
        elif self.answer("STARTTLS", "220 2.0.0 Go ahead"):
            self._encrypt()

    def _on_auth(self, argument: bytes) -> None:
        if not self.encrypted and not self.server.auth_in_clear:
            self.answer("AUTH", "538 5.7.11 Encrypt first", argument)
            return
        mechanism, _, initial = argument.partition(b" ")
        name, password = self._credentials(mechanism.upper(), initial)
        with self.server._lock:
            self.server.credentials.append((name, password))
        good = bool(name) and self.server.users.get(name) == password
        if self.answer(
            "AUTH", "235 2.7.0 Welcome" if good else "535 5.7.8 Wrong user name or password", argument
        ):
            self.user = name

    def _on_mail(self, argument: bytes) -> None:
        if self.server.users and not self.user:
            self._say("530 5.7.0 Log in first")
        elif self.sender is not None:
            self._say("503 5.5.1 One mail at a time")
        elif self.answer("MAIL", "250 2.1.0 Sender fine", argument):
            self.sender = _address(argument)

    def _on_rcpt(self, argument: bytes) -> None:
        if self.sender is None:
            self._say("503 5.5.1 MAIL first")
        elif self.answer("RCPT", "250 2.1.5 Recipient fine", argument):
            self.recipients.append(_address(argument))

    def _on_data(self, argument: bytes) -> None:
        if not self.recipients:
            self._say("503 5.5.1 RCPT first")
        elif self.answer("DATA", "354 Go on, end with a dot", self._about()):
            self._body_begins()
            self._take(self._read_body())

    def _on_bdat(self, argument: bytes) -> None:
        size, *last = argument.split()
        if self.recipients:
            self._body_begins()
        data = self._read_exactly(int(size))  # also what nobody is to get (RFC 3030 §2)
        if not self.recipients:
            self._say("503 5.5.1 RCPT first")
            return
        self.chunks += data
        if last:
            self._take(bytes(self.chunks))
        else:
            self.answer("BDAT", "250 2.0.0 Next", self._about())

    def _on_rset(self, argument: bytes) -> None:
        self._reset()
        self.answer("RSET", "250 2.0.0 Forgotten")

    def _on_noop(self, argument: bytes) -> None:
        self.answer("NOOP", "250 2.0.0 Still here")

    def _on_quit(self, argument: bytes) -> None:
        self.answer("QUIT", "221 2.0.0 Bye")
        raise Gone

    def _body_begins(self) -> None:
        if not self.buffer:
            self.line.recv(1, socket.MSG_PEEK) if not self.encrypted else self._fill()
        action = self.server.rule("BODY", self._about())
        if isinstance(action, str):
            self._say(action)
            raise Gone
        if action is not None:
            self.server.misbehave(self.line, action)

    def _take(self, data: bytes) -> None:
        action = self.server.rule("DOT", self._about())
        said = action.text if isinstance(action, Drip) else action
        refused = (isinstance(said, str) and said[:1] != "2") or (
            isinstance(said, bytes) and said[:1] != b"2"
        )
        if not refused:
            mail = Received(self.sender or "", tuple(self.recipients), data, self.encrypted, self.user)
            with self.server._lock:
                self.server.inbox.append(mail)
        number = len(self.server.inbox)
        self._reset()
        if action is None or isinstance(action, str):
            self._say(action or f"250 2.0.0 Queued as {number}")
        else:
            self.server.misbehave(self.line, action)

    def _credentials(self, mechanism: bytes, initial: bytes) -> tuple[str, str]:
        if mechanism == b"LOGIN":
            name = _decoded(initial) if initial else self._ask("VXNlcm5hbWU6")
            return name, self._ask("UGFzc3dvcmQ6")
        given = _decoded(initial) if initial else self._ask("")
        if mechanism == b"PLAIN":
            _, name, password = [*given.split("\0"), "", "", ""][:3]
            return name, password
        found = re.fullmatch(r"user=([^\x01]*)\x01auth=Bearer ([^\x01]*)\x01\x01", given)
        return (found[1], found[2]) if found else ("", "")

    def _ask(self, challenge: str) -> str:
        self._say(f"334 {challenge}")
        line = self._read_line() or b""
        with self.server._lock:
            self.server.commands.append(line)
        return _decoded(line)

    def _about(self) -> bytes:
        return " ".join(f"<{recipient}>" for recipient in self.recipients).encode()

    def _reset(self) -> None:
        self.sender = None
        self.recipients = []
        self.chunks = bytearray()

    def _encrypt(self) -> None:
        assert self.server.tls is not None
        self.buffer.clear()
        self.line = self.server.tls.wrap_socket(self.line, server_side=True)
        self.server.follow(self.line)
        self.encrypted = True
        self.user = ""
        self._reset()

    def _say(self, reply: str) -> None:
        self.line.sendall(reply.encode() + b"\r\n")

    def _fill(self) -> bool:
        more = self.line.recv(65536)
        self.buffer += more
        return bool(more)

    def _read_line(self) -> bytes | None:
        while (end := self.buffer.find(b"\r\n")) < 0:
            if len(self.buffer) > LONGEST or not self._fill():
                return None
        line = bytes(self.buffer[:end])
        del self.buffer[: end + 2]
        return line

    def _read_exactly(self, size: int) -> bytes:
        while len(self.buffer) < size:
            if not self._fill():
                raise Gone
        data = bytes(self.buffer[:size])
        del self.buffer[:size]
        return data

    def _read_body(self) -> bytes:
        seen = 0
        while not self.buffer.startswith(b".\r\n"):
            end = self.buffer.find(b"\r\n.\r\n", max(0, seen - 5))
            if end >= 0:
                body = bytes(self.buffer[: end + 2])
                del self.buffer[: end + 5]
                return (
                    body[1:].replace(b"\r\n.", b"\r\n")
                    if body[:1] == b"."
                    else body.replace(b"\r\n.", b"\r\n")
                )
            seen = len(self.buffer)
            if not self._fill():
                raise Gone
        del self.buffer[:3]
        return b""


def _address(argument: bytes) -> str:
    found = re.search(rb"<([^>]*)>", argument)
    return found[1].decode("utf-8", "replace") if found else ""


def _decoded(text: bytes) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except binascii.Error:
        return ""
