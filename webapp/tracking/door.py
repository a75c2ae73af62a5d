"""Takes the openings of counted links, and of the pictures of messages, before Flask does: no session, no form and no page
is asked for, and thousands come in the minutes after a broadcast. What leads nowhere goes on to Flask, whose page says why.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.urls import iri_to_uri

from webapp.db import utcnow
from webapp.desk import Desk
from webapp.errors import NotFound
from webapp.mail import opens
from webapp.tracking.leading import Way, Ways
from webapp.tracking.machines import at_the_door, opened_by
from webapp.tracking.spool import OPENED, Spool

log = logging.getLogger("offerpost.tracking")
PREFIX = "/c/"
FOUND = "302 Found"  # 301 would be remembered, and later clicks would not come by us
METHODS = ("GET", "HEAD")
_HEADERS = [
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Length", "0"),
]
_PICTURE_HEADERS = [
    ("Content-Type", "image/gif"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),  # mail is read on other sites
]

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Door:
    """Stands before the app `behind`."""

    def __init__(self, desk: Desk, behind: Wsgi) -> None:
        self._vault, self._behind = desk.vault, behind
        self._ways, self._spool = Ways(desk.vault, desk.engine), Spool(desk.config.spool)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith(opens.PATH) and environ["REQUEST_METHOD"] in METHODS:
            return self._picture(path, environ, start_response)
        if not path.startswith(PREFIX) or environ["REQUEST_METHOD"] not in METHODS:
            return self._behind(environ, start_response)
        token, _, number = path.removeprefix(PREFIX).partition("/")
        try:
            way = self._ways.find(token, number)
        except NotFound:
            return self._behind(environ, start_response)
        machine = at_the_door(environ["REQUEST_METHOD"], _headers(environ))
        self._write_down(way.mail_id, way.link, machine)
        start_response(FOUND, [("Location", _location(way.url)), *_HEADERS])
        return [b""]

    def look(self, token: str, number: str) -> Way:
        """Where a link leads; `NotFound` says why it leads nowhere."""
        return self._ways.find(token, number)

    def _picture(
        self, path: str, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """No look at the database: the address holds the number of the message and its signature."""
        try:
            message = opens.message_named_by(self._vault, path.removeprefix(opens.PATH))
        except NotFound:
            return self._behind(environ, start_response)
        method = environ["REQUEST_METHOD"]
        self._write_down(message, OPENED, opened_by(method, _headers(environ)))
        headers = [*_PICTURE_HEADERS, ("Content-Length", str(len(opens.PICTURE)))]
        start_response("200 OK", headers)
        return [opens.PICTURE if method == "GET" else b""]

    def _write_down(self, number: int, link: int, machine: str) -> None:
        try:
            self._spool.write(number, link, machine, utcnow())
        except OSError as error:  # a full disk: whoever clicked wants to get there all the same
            log.error("a click could not be written down: %s", error)


def _headers(environ: dict[str, Any]) -> dict[str, str]:
    return {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }


def _location(url: str) -> str:
    """The address in ASCII as headers need it, its characters beyond written in percent (RFC 3987 §3.1)."""
    return url if url.isascii() else iri_to_uri(url)
