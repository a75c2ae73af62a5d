"""A few words with a mail server: greeting, encryption, and whether two addresses are taken. No mail is ever sent."""

import socket
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parseaddr

from transports.deadline import Deadline
from transports.errors import SettingsError, TransportError
from transports.net import Net

SECONDS = 5.0
LONGEST, LINES = 1_000, 50  # bytes of a line, lines of a reply


class NotSpoken(Exception):
    """It could not be talked to. `certificate` says that its certificate is the reason."""

    def __init__(self, words: str, hint: str = "", *, certificate: bool = False) -> None:
        super().__init__(words)
        self.hint, self.certificate = hint, certificate


@dataclass
class Greeted:
    """`name` is what the server calls itself; `tls` the protocol, empty without it; `answers` are reply codes by recipient."""

    name: str = ""
    tls: str = ""
    days_left: int | None = None
    said: list[str] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    deadline: Deadline = field(default_factory=lambda: Deadline(SECONDS), repr=False)


def greet(
    net: Net, host: str, port: int, *, implicit: bool = False, ca_pem: str = "", ask_for: tuple[str, ...] = ()
) -> Greeted:
    """Greet, encrypt if the server can, and ask whether it takes mail for the addresses. Raises `NotSpoken`."""
    deadline = Deadline(SECONDS)
    line: socket.socket | None = None
    try:
        line = net.connect(host, port, deadline)
        result = Greeted(deadline=deadline)
        if implicit:
            line = _encrypted(net, line, host, deadline, ca_pem, result)
        _greeting(_reply(line, result), host, result)
        features = _say(line, "EHLO offerpost.invalid", result)
        offered = any(one[4:].strip().upper() == "STARTTLS" for one in features.splitlines())
        if not implicit and offered and _say(line, "STARTTLS", result).startswith("220"):
            line = _encrypted(net, line, host, deadline, ca_pem, result)
            _say(line, "EHLO offerpost.invalid", result)
        _ask(line, ask_for, result)
    except SettingsError as error:
        raise NotSpoken(error.reason, error.hint, certificate="certificate" in error.reason) from None
    except TransportError as error:
        raise NotSpoken(error.reason, error.hint) from None
    except OSError as error:
        raise NotSpoken(f"{host} broke off ({type(error).__name__}).") from None
    finally:
        if line is not None:
            line.close()
    return result


def _greeting(text: str, host: str, result: Greeted) -> None:
    if not text.startswith("220"):
        raise NotSpoken(f"{host} does not talk to us: {result.said[-1]}")
    result.name = (text[4:].split() or [""])[0].lower()[:253].rstrip(".")


def _ask(line: socket.socket, addresses: tuple[str, ...], result: Greeted) -> None:
    if addresses:
        _say(line, "MAIL FROM:<>", result)
    for address in addresses:
        assert parseaddr(address)[1] == address, "an address of ours"
        reply = _say(line, f"RCPT TO:<{address}>", result)
        result.answers[address] = int(reply[:3]) if reply[:3].isdigit() else 0


def _encrypted(
    net: Net, line: socket.socket, host: str, deadline: Deadline, ca_pem: str, result: Greeted
) -> ssl.SSLSocket:
    secure = net.encrypt(line, host, deadline, ca_pem)
    result.tls = (secure.version() or "").replace("TLSv", "TLS ")
    ends = str((secure.getpeercert() or {}).get("notAfter", ""))
    if ends:
        result.days_left = (
            datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) - datetime.now(UTC)
        ).days
    return secure


def _say(line: socket.socket, words: str, result: Greeted) -> str:
    line.sendall(f"{words}\r\n".encode("ascii"))
    return _reply(line, result)


def _reply(line: socket.socket, result: Greeted) -> str:
    text = ""
    for _ in range(LINES):
        row = b""
        while not row.endswith(b"\n") and len(row) < LONGEST:
            if result.deadline.passed:  # a drip keeps within the time-out of each byte
                raise TimeoutError("too slow")
            line.settimeout(result.deadline.remaining())
            byte = line.recv(1)
            if not byte:
                raise ConnectionResetError("closed")
            row += byte
        decoded = row.decode("ascii", "replace").rstrip()
        text += f"{decoded}\n"
        if decoded[3:4] != "-":
            break
    result.said.append("".join(char if char.isprintable() else "?" for char in text.splitlines()[0])[:200])
    return text
