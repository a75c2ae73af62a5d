"""A real HTTP server on loopback for transports that speak to an API; it misbehaves when it is told to."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from transports.testing.listener import Cut, Drip, Flood, Gone, Hang, Listener


@dataclass(frozen=True, slots=True)
class WebRequest:
    """What came; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class WebAnswer:
    status: int = 200
    body: bytes | str | dict[str, Any] | list[Any] = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Answering = Callable[[WebRequest], WebAnswer]


class WebServer(Listener):
    """`with WebServer(answer) as server:` calls `answer` for each request; `server.requests` keeps them all.

    `server.next` takes what shall happen to the next requests instead: a `WebAnswer`, `Cut()`, `Hang()`, … The
    request is answered as usual first (so that its effect is there) when `after_effect` is True.
    """

    def __init__(self, answer: Answering, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__()
        self.answer = answer
        self.tls = tls
        self.requests: list[WebRequest] = []
        self.next: list[WebAnswer | Cut | Hang | Drip | Flood] = []
        self.after_effect = True
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"

    def talk(self, line: socket.socket) -> None:
        if self.tls is not None:
            line = self.tls.wrap_socket(line, server_side=True)
            self.follow(line)
        with line.makefile("rb") as incoming:
            while True:
                request = _request(incoming)
                with self._lock:
                    self.requests.append(request)
                    instead = self.next.pop(0) if self.next else None
                    answer = self.answer(request) if instead is None or self.after_effect else None
                if instead is None:
                    instead = answer or WebAnswer()
                if isinstance(instead, WebAnswer):
                    line.sendall(_written(instead))
                else:
                    self.misbehave(line, instead)


def _request(incoming: Any) -> WebRequest:
    method, _, rest = incoming.readline(65536).decode("latin-1").partition(" ")
    if not rest:
        raise Gone
    headers: dict[str, str] = {}
    while (header := incoming.readline(65536).decode("latin-1").strip()) != "":
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    body = incoming.read(int(headers.get("content-length", "0")))
    return WebRequest(method, rest.split(" ")[0], headers, body)


def _written(answer: WebAnswer) -> bytes:
    body = answer.body
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
    if isinstance(body, str):
        body = body.encode()
    headers = {"Content-Length": str(len(body)), **answer.headers}
    lines = [f"HTTP/1.1 {answer.status} -", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode() + body
