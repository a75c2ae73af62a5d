"""Refuses what another site made a browser send, beside the token of the forms: `Sec-Fetch-Site`, else `Origin`, else `Referer`.

A request without any of them passes: our own pages send no referrer, so an old browser has nothing to say, and a program has no
cookie that could be misused. The token decides then.
"""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, request
from flask_wtf import CSRFProtect

from webapp.errors import DomainError
from webapp.web.access import KEY, rights_of
from webapp.web.session import READS, desk

View = TypeVar("View", bound=Callable[..., Any])
OURS = frozenset({"same-origin", "none"})  # none: typed, reloaded, or from a bookmark
REFUSED = (
    "Another site asked your browser for this, so nothing was changed. If it was you, open the page here and press the"
    " button once more."
)


class FromAnotherSite(DomainError):
    """A page of somebody else's made the browser ask."""


def take_from_anywhere(app: Flask, view: View) -> View:
    """For views that mail programs and services call: what they carry is the proof, and no cookie is looked at."""
    protection: CSRFProtect = app.extensions["csrf"]
    protection.exempt(view)
    view.from_anywhere = True  # type: ignore[attr-defined]
    return view


def plug_address(app: Flask, address: Callable[[], str]) -> None:
    """Called by the feature that knows under which address people come, whatever host a proxy names."""
    app.extensions["public address"] = address


def install(app: Flask) -> None:
    app.extensions.setdefault("public address", lambda: desk().config.public_url)
    app.before_request(_check)


def _check() -> None:
    if request.method in READS or request.endpoint is None or _anybody(request.endpoint):
        return
    if not _is_ours():
        raise FromAnotherSite(REFUSED)


def _anybody(endpoint: str) -> bool:
    view = current_app.view_functions[endpoint]
    return getattr(view, "from_anywhere", False) or KEY in (rights_of(current_app, endpoint) or ())


def _is_ours() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in OURS
    origin = request.headers.get("Origin")
    if origin in (None, "null"):  # what a page without referrers is made to say, ours among them
        origin = request.headers.get("Referer")
    if not origin or _host(origin) == request.host.lower():
        return True
    address: Callable[[], str] = current_app.extensions["public address"]
    return _host(origin) == _host(address())


def _host(address: str) -> str:
    return urlsplit(address).netloc.lower()
