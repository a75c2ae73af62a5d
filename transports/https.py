"""One HTTP request over a vetted connection: no redirect, no retry, a whole-request deadline, a cap on the answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import TYPE_CHECKING, Protocol

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.util import Url, parse_url

from transports.errors import MaybeSent, SettingsError

if TYPE_CHECKING:
    from transports.deadline import Deadline
    from transports.net import Net

BODY_CAP = 2 * 1024 * 1024
IDLE_KEPT = 16


@dataclass(frozen=True, slots=True)
class HttpReply:
    """What came back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class TooLong(MaybeSent):
    """The answer has more bytes than the caller takes."""


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    ca_pem: str
    largest: int = BODY_CAP


class _Dial(Protocol):
    def __call__(self) -> socket.socket: ...


class _Vetted(HTTPConnection):
    """Goes where `dial` leads, whatever the name resolves to by now."""

    dial: _Dial

    def _new_conn(self) -> socket.socket:
        return self.dial()


class _VettedTls(HTTPSConnection):
    dial: _Dial

    def _new_conn(self) -> socket.socket:
        return self.dial()


_Connection = _Vetted | _VettedTls


class Connections:
    """Idle connections to web services, kept so that a thousand mails need one handshake."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[tuple[tuple[str, ...], _Connection]] = []

    def take(self, key: tuple[str, ...]) -> _Connection | None:
        """An idle connection that the other side has not closed."""
        while True:
            with self._lock:
                place = next((n for n, (kept, _) in enumerate(self._idle) if kept == key), None)
                if place is None:
                    return None
                connection = self._idle.pop(place)[1]
            if connection.is_connected:
                return connection
            connection.close()

    def give_back(self, key: tuple[str, ...], connection: _Connection) -> None:
        with self._lock:
            self._idle.append((key, connection))
            surplus = self._idle[:-IDLE_KEPT]
            self._idle = self._idle[-IDLE_KEPT:]
        for _, old in surplus:
            old.close()

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for _, connection in idle:
            connection.close()


def request(net: Net, connections: Connections, wanted: Request, deadline: Deadline) -> HttpReply:
    """The answer to one request; see `Net.http` for what it raises."""
    url = _vetted_url(wanted.url)
    key = (url.scheme or "", url.host or "", str(url.port), wanted.ca_pem)
    connection = connections.take(key) or _connected(net, url, wanted.ca_pem, deadline)
    alarm = threading.Timer(deadline.remaining(), _cut, [connection])
    alarm.daemon = True
    alarm.start()
    reusable = False
    try:
        reply, reusable = _exchange(connection, url, wanted, deadline)
    except (OSError, HTTPError, HTTPException) as trouble:
        late = " (the deadline had passed)" if deadline.passed else ""
        raise MaybeSent(f"{type(trouble).__name__}: {trouble}{late}") from None
    finally:
        alarm.cancel()
        if reusable and not deadline.passed:
            connections.give_back(key, connection)
        else:
            connection.close()
    return reply


def _vetted_url(text: str) -> Url:
    try:
        url = parse_url(text)
    except LocationParseError:
        url = Url()
    if url.scheme not in ("http", "https") or not url.host or url.auth:
        raise SettingsError(
            "This address can't be used.", hint="Write it as https://host/path, without a password in it."
        )
    return url._replace(port=url.port or (443 if url.scheme == "https" else 80))


def _connected(net: Net, url: Url, ca_pem: str, deadline: Deadline) -> _Connection:
    from transports.net import WEB_PORTS, DestinationRefused, tls_trouble

    host = (url.host or "").strip("[]")
    port = url.port or 443
    destination = net.resolve(host, port, deadline, ports=WEB_PORTS)
    if url.scheme == "http" and not destination.listed:
        raise DestinationRefused("unencrypted http to a host that the operator has not listed")
    connection: _Connection
    if url.scheme == "https":
        connection = _VettedTls(host, port, timeout=deadline.remaining(), ssl_context=net.tls_context(ca_pem))
    else:
        connection = _Vetted(host, port, timeout=deadline.remaining())
    connection.dial = lambda: net.connect_to(destination, deadline)
    try:
        connection.connect()
    except (OSError, HTTPError, ValueError) as trouble:
        connection.close()
        raise tls_trouble(host, _root(trouble)) from None
    return connection


def _exchange(
    connection: _Connection, url: Url, wanted: Request, deadline: Deadline
) -> tuple[HttpReply, bool]:
    connection.timeout = deadline.remaining()
    if connection.sock is not None:
        connection.sock.settimeout(deadline.remaining())
    headers = {"User-Agent": "Offerpost", **wanted.headers}
    try:
        connection.request(
            wanted.method, url.request_uri, body=wanted.body, headers=headers, preload_content=False
        )
    except BrokenPipeError:
        pass  # the server answered before it had read everything, for example 413: read that answer
    response = connection.getresponse()
    body = response.read(wanted.largest + 1, decode_content=True)
    if len(body) > wanted.largest:
        raise TooLong(f"the answer has more than {wanted.largest} bytes")
    if deadline.passed:
        raise HTTPError("the answer came too slowly")
    if not response.headers:
        raise HTTPError("the answer was cut off in its headers")
    found = {name.lower(): value for name, value in response.headers.items()}
    whole = response.closed and found.get("connection", "").lower() != "close"
    return HttpReply(response.status, found, body), whole


def _cut(connection: _Connection) -> None:
    line = connection.sock
    if line is not None:
        try:
            line.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def _root(trouble: Exception) -> Exception:
    inner = trouble.args[0] if trouble.args and isinstance(trouble.args[0], Exception) else trouble
    return inner
