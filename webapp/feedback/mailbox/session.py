"""A session with the mailbox, step by step: the connection test and the fetching go the same way.

Every address is vetted as for mail servers, certificates are verified, no password goes over a clear line, and what a
server may say is bounded in size and time.
"""

import imaplib
import poplib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from transports.checks import Verdict
from transports.deadline import Deadline
from transports.errors import TransportError
from transports.oauth import AccessTokens, Client
from transports.said import printable
from webapp.desk import Desk
from webapp.feedback.mailbox.fields import IMAP
from webapp.feedback.mailbox.wire import Imap, Pop
from webapp.settings.renewing import DeskKeeper

PORTS = frozenset({110, 143, 993, 995})
STEPS = ("resolve", "connect", "encrypt", "login", "folder")
COMMAND_SECONDS = 30.0
Server = Imap | Pop


class MailboxTrouble(Exception):
    """A step that failed. `said` are the server's own words, `hint` what to do."""

    def __init__(self, step: str, reason: str, hint: str = "", said: str = "") -> None:
        super().__init__(reason)
        self.step, self.reason, self.hint, self.said = step, reason, hint, printable(said)[:300]


@dataclass(frozen=True)
class Stage:
    """One step of the connection test, for the same list that shows those of a mail server."""

    step: str
    verdict: Verdict
    words: str = ""
    said: str = ""
    remedies: tuple[str, ...] = ()
    took_ms: int = 0


Note = Callable[[str, str], None]


def test(desk: Desk, settings: Mapping[str, Any]) -> list[Stage]:
    """Every step of a session, in order; nothing is fetched and nothing changes in the mailbox."""
    stages: list[Stage] = []
    last = time.monotonic()

    def note(step: str, words: str) -> None:
        nonlocal last
        now = time.monotonic()
        stages.append(Stage(step, Verdict.PASS, words, took_ms=round((now - last) * 1000)))
        last = now

    try:
        with opened(desk, settings, seconds=COMMAND_SECONDS, note=note):
            pass
    except MailboxTrouble as trouble:
        took = round((time.monotonic() - last) * 1000)
        remedies = (trouble.hint,) if trouble.hint else ()
        stages.append(Stage(trouble.step, Verdict.FAIL, trouble.reason, trouble.said, remedies, took))
    done = [one.step for one in stages]
    return stages + [Stage(step, Verdict.SKIP, "not reached") for step in STEPS if step not in done]


@contextmanager
def opened(
    desk: Desk, settings: Mapping[str, Any], *, seconds: float, note: Note | None = None
) -> Iterator[Server]:
    """Signed in and in the folder, for at most so many seconds. Raises `MailboxTrouble`, also for what fails inside."""
    walk = _Walk(desk, settings, note)
    # A server that drips one byte at a time keeps within the time-out of each read.
    watch = threading.Timer(seconds, walk.hang_up)
    watch.daemon = True
    watch.start()
    try:
        server = walk.to_the_folder(Deadline(min(COMMAND_SECONDS, seconds)))
        yield server
        server.leave()
    except (TransportError, imaplib.IMAP4.error, poplib.error_proto, OSError, ValueError) as error:
        raise _trouble(walk.step, error) from error
    finally:
        watch.cancel()
        walk.close()


class _Walk:
    """The way into the folder. `step` is the one that is being made."""

    def __init__(self, desk: Desk, settings: Mapping[str, Any], note: Note | None) -> None:
        self.step = STEPS[0]
        self._desk, self._settings, self._note = desk, settings, note
        self._lines: list[socket.socket] = []  # the last one is in use: encryption takes the one before over

    def to_the_folder(self, deadline: Deadline) -> Server:
        settings, net = self._settings, self._desk.net
        destination = net.resolve(str(settings["host"]), int(settings["port"]), deadline, ports=PORTS)
        self._passed(f"{len(destination.addresses)} found.")
        if settings["security"] == "none" and not destination.clear_text_allowed:
            reason = "A password never goes over a line that is not encrypted."
            raise MailboxTrouble("encrypt", reason, "Choose TLS from the start or STARTTLS.")
        self._lines.append(net.connect_to(destination, deadline))
        self._passed()
        server = self._greeted(deadline)
        self._passed("The certificate is good." if settings["security"] != "none" else "Not encrypted.")
        self._sign_in(server)
        self._passed()
        self._passed(server.enter(str(settings["folder"])))
        return server

    def hang_up(self) -> None:
        for line in self._lines[-1:]:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for line in self._lines:
            line.close()

    def _greeted(self, deadline: Deadline) -> Server:
        host, ca_pem = str(self._settings["host"]), str(self._settings["ca_pem"])
        security = self._settings["security"]
        if security == "tls":
            self._lines.append(self._desk.net.encrypt(self._lines[-1], host, deadline, ca_pem))
        self._lines[-1].settimeout(COMMAND_SECONDS)
        speak: type[Imap] | type[Pop] = Imap if self._settings["protocol"] == IMAP else Pop
        server = speak(self._lines[-1], host.strip("[]").rstrip("."))
        if security == "starttls":
            server.encrypt(self._desk.net.tls_context(ca_pem))
            self._lines.append(server.sock)
        return server

    def _sign_in(self, server: Server) -> None:
        settings = self._settings
        user = str(settings["username"])
        if settings["auth"] != "xoauth2":
            server.sign_in(user, str(settings["password"]))
            return
        names = ("client_id", "client_secret", "refresh_token", "token_url", "ca_pem")
        client = Client(**{name: str(settings[name]) for name in names})
        token = AccessTokens(self._desk.net, lambda: DeskKeeper(self._desk)).get(client)
        server.sign_in_with_token(f"user={user}\x01auth=Bearer {token}\x01\x01".encode())

    def _passed(self, words: str = "") -> None:
        if self._note is not None:
            self._note(self.step, words)
        self.step = STEPS[min(STEPS.index(self.step) + 1, len(STEPS) - 1)]


def _trouble(step: str, error: Exception) -> MailboxTrouble:
    if isinstance(error, TransportError):
        return MailboxTrouble(step, error.reason, error.hint)
    first = error.args[0] if error.args else ""
    said = first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)
    if isinstance(error, TimeoutError):
        return MailboxTrouble(step, "The server did not answer in time.", "Check host and port.")
    if isinstance(error, ssl.SSLCertVerificationError):
        return MailboxTrouble(
            step, "The certificate of the server is not good.", "Check the host name.", said
        )
    if isinstance(error, OSError | imaplib.IMAP4.abort) or "EOF" in said:
        return MailboxTrouble(step, "The line broke, or this is no such server.", "Check protocol and port.")
    if step == "login":
        hint = "Type both again; many providers want a password for applications."
        return MailboxTrouble(step, "The server refused user name or password.", hint, said)
    return MailboxTrouble(step, "The server refused it.", "Check the name of the folder.", said)
