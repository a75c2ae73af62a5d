"""Who may call a view. Every view says so with one of these marks; a view without a mark answers nobody."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug import Response as AnyResponse

from webapp.announce import acting
from webapp.errors import NotAllowed
from webapp.web.session import db

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"
SIGNED_IN = "signed_in"
AFFILIATE = "affiliate"
KEY = "key"

Gate = Callable[[], AnyResponse | None]


def public(view: View) -> View:
    """Anybody, signed in or not. The view checks its own capability (a token), if it needs one."""
    return _marked(view, (PUBLIC,))


def signed_in(view: View) -> View:
    """Everybody with an account."""
    return _marked(view, (SIGNED_IN,))


def needs(*rights: str) -> Callable[[View], View]:
    """Those who hold at least one of these rights."""
    return lambda view: _marked(view, rights)


def affiliate(view: View) -> View:
    """An affiliate on his own pages, and nobody else: a user's session opens them as little as his opens ours."""
    return _marked(view, (AFFILIATE,))


def by_key(scope: str) -> Callable[[View], View]:
    """Programs that show a key with this scope. A session counts for nothing there."""
    return lambda view: _marked(view, (KEY, scope))


def rights_of(app: Flask, endpoint: str) -> tuple[str, ...] | None:
    """The mark of an endpoint: `("public",)`, `("signed_in",)`, `("affiliate",)`, `("key", scope)` or the rights of which one
    is needed; None without a mark.
    """
    return getattr(app.view_functions[endpoint], "access", None)


def may(*rights: str) -> bool:
    """Whether the present user holds at least one of the rights. For templates and for choices inside a view."""
    return bool(current_user.is_authenticated) and any(current_user.may(right) for right in rights)


def plug_gate(app: Flask, gate: Gate) -> None:
    """Called by the feature that knows affiliates' sessions: the gate answers those who may not come in, with None who may."""
    app.extensions["affiliate gate"] = gate


def plug_condition(app: Flask, condition: Gate) -> None:
    """Called by the feature that knows users: what somebody who is signed in has to do before anything else, or None."""
    app.extensions["condition"] = condition


def install(app: Flask) -> None:
    app.extensions.setdefault("condition", lambda: None)
    app.extensions.setdefault("affiliate gate", lambda: abort(403))
    app.before_request(_check)
    app.view_functions["static"] = public(app.view_functions["static"])
    app.jinja_env.globals["may"] = may


def _marked(view: View, rights: tuple[str, ...]) -> View:
    view.access = rights  # type: ignore[attr-defined]
    return view


def _check() -> AnyResponse | None:
    if request.endpoint is None:
        return None  # no such address: the router answers
    rights = rights_of(current_app, request.endpoint)
    if rights is None:
        abort(403)
    if PUBLIC in rights:
        return None
    if AFFILIATE in rights:
        gate: Gate = current_app.extensions["affiliate gate"]
        return gate()
    if KEY in rights:
        current_app.extensions["keyring"](rights[1])  # raises unless a key of that scope was shown
        return None
    if not current_user.is_authenticated:
        if request.headers.get("HX-Request"):
            # A part of a page was asked for: the whole page goes to sign-in, not the part.
            return Response(headers={"HX-Redirect": url_for("accounts.sign_in")})
        here = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("accounts.sign_in", next=here))
    condition: Gate = current_app.extensions["condition"]
    if (first := condition()) is not None:
        return first
    acting(db(), current_user.id)
    if SIGNED_IN not in rights and not may(*rights):
        raise NotAllowed(rights[0])
    return None
