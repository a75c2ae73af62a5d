"""The host's connector: every address that a transport reaches is vetted here, and reached under one deadline.

A name is resolved once, every address of it is vetted, and the socket goes to a vetted address, so that a second
answer of the name server changes nothing. The name itself is only used for TLS.
"""

from __future__ import annotations

import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from transports import https
from transports.addresses import AllowList, Reach, is_loopback, reach
from transports.deadline import Deadline
from transports.errors import SettingsError, TemporaryError, TransportError
from transports.https import HttpReply, TooLong

__all__ = ["Deadline", "Destination", "DestinationRefused", "HttpReply", "Net", "TooLong", "Unreachable"]

MAIL_PORTS = frozenset({25, 465, 587, 2525})
WEB_PORTS = frozenset({443})
FLOOR = 0.4  # seconds that every refusal takes, so that its time tells nothing about the inner network

Resolver = Callable[[str, int], Iterable[str]]
Dialer = Callable[[str, int, float], socket.socket]
Cause = Literal["unknown_host", "refused", "timeout", "unreachable", "tls"]


class DestinationRefused(SettingsError):
    """The address policy forbids it. One text for every case; the detail is for the operator's log alone."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "This destination can't be used from here.",
            detail,
            hint="Ask the operator to list it in OFFERPOST_ALLOW_HOSTS if it is right.",
        )


class Unreachable(TemporaryError):
    """No connection, so nothing has been sent. `cause` tells why."""

    def __init__(
        self, reason: str, detail: str = "", hint: str = "", *, cause: Cause = "unreachable"
    ) -> None:
        super().__init__(reason, detail, hint)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Destination:
    """A host whose addresses are vetted. `listed` says that the operator allowed it by name or address."""

    host: str
    port: int
    addresses: tuple[str, ...]
    listed: bool

    @property
    def clear_text_allowed(self) -> bool:
        """Passwords and mail may go unencrypted only inside this machine, where the operator wishes so."""
        return self.listed and all(is_loopback(address) for address in self.addresses)


class Net:
    """Opens connections for transports. `allow_hosts` are the operator's `host:port` entries.

    `mail_root` is the one folder in which a transport of this instance may write. `resolver` and `dialer` are
    for tests.
    """

    def __init__(
        self,
        allow_hosts: Iterable[str] = (),
        *,
        mail_root: Path | None = None,
        operator: bool = False,
        floor: float = FLOOR,
        resolver: Resolver | None = None,
        dialer: Dialer | None = None,
        log: logging.Logger | None = None,
    ) -> None:
        self.mail_root = mail_root
        self.log = log or logging.getLogger("offerpost.net")
        self._allow_hosts = tuple(allow_hosts)
        self._allowed = AllowList(self._allow_hosts)
        self._operator = operator
        self._floor = floor
        self._resolver = resolver or system_addresses
        self._dialer = dialer or _dial
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._web = https.Connections()

    def for_operator(self) -> Net:
        """The same for what the operator configured himself: private ranges and every port are allowed."""
        return Net(
            self._allow_hosts,
            mail_root=self.mail_root,
            operator=True,
            floor=self._floor,
            resolver=self._resolver,
            dialer=self._dialer,
            log=self.log,
        )

    def resolve(
        self, host: str, port: int, deadline: Deadline, *, ports: frozenset[int] = MAIL_PORTS
    ) -> Destination:
        """The vetted addresses of `host`; raises `DestinationRefused`, or `Unreachable` if there are none."""
        started = time.monotonic()
        addresses = self._addresses(host, port, deadline)
        listed = [self._operator or self._allowed.names(host, address, port) for address in addresses]
        for address, is_listed in zip(addresses, listed, strict=True):
            refusal = _refusal(address, port, is_listed, ports)
            if refusal:
                self.log.warning("refused %s port %s (%s): %s", host, port, ", ".join(addresses), refusal)
                time.sleep(max(0.0, self._floor - (time.monotonic() - started)))
                raise DestinationRefused(refusal)
        return Destination(host, port, tuple(addresses), all(listed))

    def connect(self, host: str, port: int, deadline: Deadline) -> socket.socket:
        """A connected socket to a vetted address of `host`, with no more than the deadline's rest as its time-out."""
        return self.connect_to(self.resolve(host, port, deadline), deadline)

    def connect_to(self, destination: Destination, deadline: Deadline) -> socket.socket:
        """A connected socket to the first address that answers; raises `Unreachable`."""
        troubles: list[OSError] = []
        rest = len(destination.addresses)
        for address in destination.addresses:
            try:
                connected = self._dialer(address, destination.port, deadline.remaining() / rest)
            except OSError as trouble:
                troubles.append(trouble)
                rest -= 1
                continue
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connected.settimeout(deadline.remaining())
            return connected
        raise _no_answer(destination, troubles)

    def tls_context(self, ca_pem: str = "") -> ssl.SSLContext:
        """A context that verifies name and chain, TLS 1.2 or newer; `ca_pem` replaces the machine's authorities."""
        if ca_pem not in self._contexts:
            self._contexts[ca_pem] = _context(ca_pem)
        return self._contexts[ca_pem]

    def encrypt(self, plain: socket.socket, host: str, deadline: Deadline, ca_pem: str = "") -> ssl.SSLSocket:
        """The socket after a verified handshake; raises `SettingsError` for a bad certificate, else `Unreachable`."""
        try:
            context = self.tls_context(ca_pem)
        except SettingsError:
            plain.close()
            raise
        try:
            plain.settimeout(deadline.remaining())
            name = host.strip("[]").rstrip(".")  # certificates know neither brackets nor the root's dot
            return context.wrap_socket(plain, server_hostname=name)
        except (OSError, ValueError) as trouble:
            plain.close()
            raise tls_trouble(host, trouble) from None

    def http(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        deadline: Deadline,
        ca_pem: str = "",
        largest: int = https.BODY_CAP,
    ) -> HttpReply:
        """One request, no redirect, no retry. Whatever status comes is the answer.

        Raises `DestinationRefused`, `SettingsError` or `Unreachable` when surely nothing was sent, and `MaybeSent`
        when the line broke after the request had begun; `TooLong`, one of these, for an answer of more than `largest` bytes.
        """
        wanted = https.Request(method, url, dict(headers or {}), body, ca_pem, largest)
        return https.request(self, self._web, wanted, deadline)

    def close(self) -> None:
        """Let go of idle connections to web services."""
        self._web.close()

    def _addresses(self, host: str, port: int, deadline: Deadline) -> list[str]:
        reason = f"There is no server called {host}."
        hint = "Check how the name is written."
        found: list[list[str]] = []
        troubles: list[Exception] = []

        def ask() -> None:
            try:
                found.append(list(dict.fromkeys(self._resolver(host.strip().strip("[]"), port))))
            except (OSError, ValueError) as trouble:  # ValueError: a name that cannot be encoded
                troubles.append(trouble)

        # The system's resolver cannot be interrupted, so it is asked beside and left behind when it is too slow.
        asking = threading.Thread(target=ask, daemon=True, name="resolve")
        asking.start()
        asking.join(deadline.remaining())
        if found and found[0]:
            return found[0]
        if asking.is_alive() or any(_is_silence(trouble) for trouble in troubles):
            reason, hint = f"The name server did not answer for {host}.", "Try again in a minute."
        detail = f"{type(troubles[0]).__name__}: {troubles[0]}" if troubles else ""
        raise Unreachable(reason, detail, hint, cause="unknown_host")


def _is_silence(trouble: Exception) -> bool:
    """Whether the name server said nothing about the name: no answer, SERVFAIL or REFUSED (getaddrinfo(3), EAI_AGAIN)."""
    return isinstance(trouble, socket.gaierror) and trouble.errno == socket.EAI_AGAIN


def system_addresses(host: str, port: int) -> list[str]:
    """The addresses that this machine's resolver gives for a name."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def tls_trouble(host: str, trouble: Exception) -> TransportError:
    """The error that a failed handshake with `host` deserves."""
    detail = f"{type(trouble).__name__}: {trouble}"
    if isinstance(trouble, ssl.SSLCertVerificationError):
        return SettingsError(
            f"The certificate of {host} can't be trusted: {trouble.verify_message or 'it does not match the name'}.",
            detail,
            hint="Use the name that is in the certificate, or paste the certificate of your own authority.",
        )
    hint = (
        "Check that port and encryption belong together: 465 is TLS from the start, 587 and 25 are STARTTLS."
    )
    return Unreachable(f"{host} did not agree on encryption.", detail, hint, cause="tls")


def _refusal(address: str, port: int, listed: bool, ports: frozenset[int]) -> str:
    where = reach(address)
    if where is Reach.DENIED:
        return f"{address} is never allowed"
    if where is Reach.PRIVATE and not listed:
        return f"{address} is private and not in OFFERPOST_ALLOW_HOSTS with port {port}"
    if port not in ports and not listed:
        return f"port {port} is not among {sorted(ports)} and not in OFFERPOST_ALLOW_HOSTS"
    return ""


def _dial(address: str, port: int, seconds: float) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    dialling = socket.socket(family, socket.SOCK_STREAM)
    try:
        dialling.settimeout(seconds)
        dialling.connect((address, port))
    except BaseException:
        dialling.close()
        raise
    return dialling


def _no_answer(destination: Destination, troubles: list[OSError]) -> Unreachable:
    cause: Cause = "unreachable"
    hint = "Check the name and the port."
    if any(isinstance(trouble, ConnectionRefusedError) for trouble in troubles):
        cause, hint = "refused", "Nothing listens there. Check the port: most servers use 587 or 465."
    elif any(isinstance(trouble, TimeoutError) for trouble in troubles):
        cause = "timeout"
        hint = "A firewall may block this port. Many hosting companies block 25: try 587 or 465."
    detail = "; ".join(f"{type(trouble).__name__}: {trouble}" for trouble in troubles)
    return Unreachable(
        f"No server answers at {destination.host}, port {destination.port}.", detail, hint, cause=cause
    )


def _context(ca_pem: str) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cadata=ca_pem or None)
    except (ssl.SSLError, ValueError) as trouble:
        raise SettingsError(
            "The pasted certificate can't be read.",
            str(trouble),
            hint="Paste it whole, with its BEGIN and END lines.",
        ) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_pem:  # private authorities seldom carry the key identifiers that newer Pythons ask for
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context
