"""Takes the openings of counted links before Flask does: no session, no form and no page is asked for, and thousands come
in the minutes after a broadcast. What leads nowhere goes on to Flask, whose page says why.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.urls import iri_to_uri

from webapp.db import utcnow
from webapp.desk import Desk
from webapp.errors import NotFound
from webapp.tracking.leading import Way, Ways
from webapp.tracking.machines import at_the_door
from webapp.tracking.spool import Spool

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

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Door:
    """Stands before the app `behind`."""

    def __init__(self, desk: Desk, behind: Wsgi) -> None:
        self._ways, self._spool, self._behind = (
            Ways(desk.vault, desk.engine),
            Spool(desk.config.spool),
            behind,
        )

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith(PREFIX) or environ["REQUEST_METHOD"] not in METHODS:
            return self._behind(environ, start_response)
        token, _, number = path.removeprefix(PREFIX).partition("/")
        try:
            way = self._ways.find(token, number)
        except NotFound:
            return self._behind(environ, start_response)
        self._write_down(way, environ)
        start_response(FOUND, [("Location", _location(way.url)), *_HEADERS])
        return [b""]

    def look(self, token: str, number: str) -> Way:
        """Where a link leads; `NotFound` says why it leads nowhere."""
        return self._ways.find(token, number)

    def _write_down(self, way: Way, environ: dict[str, Any]) -> None:
        headers = {
            name[5:].replace("_", "-").lower(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        try:
            self._spool.write(
                way.mail_id, way.link, at_the_door(environ["REQUEST_METHOD"], headers), utcnow()
            )
        except OSError as error:  # a full disk: whoever clicked wants to get there all the same
            log.error("a click could not be written down: %s", error)


def _location(url: str) -> str:
    """The address in ASCII as headers need it, its characters beyond written in percent (RFC 3987 §3.1)."""
    return url if url.isascii() else iri_to_uri(url)
