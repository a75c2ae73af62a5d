"""Cookies that no neighbour can plant: over https their names begin with `__Host-`, which browsers keep to this very host."""

from flask import current_app, request


def secure() -> bool:
    """Whether cookies are kept to encrypted connections: wherever there is one, also when only the settings know of https."""
    return bool(current_app.config["SESSION_COOKIE_SECURE"]) or request.is_secure


def name(plain: str) -> str:
    """The name of a cookie on this connection (RFC 6265bis, section 4.1.3.2)."""
    return f"__Host-{plain}" if secure() else plain
