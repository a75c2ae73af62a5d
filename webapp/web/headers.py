"""The headers of every answer: a strict content policy, nothing cached that is private, and assets for a year."""

from flask import Flask, Response, request

from webapp.web import cookies
from webapp.web.session import desk

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# A mail as its reader sees it: inline styles belong to it, scripts never do, pictures come only from this host.
PREVIEW_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'"
)
# What our pages never ask a browser for. The clipboard is not among them: lists have buttons that copy.
NO_PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation",
        "gyroscope", "hid", "idle-detection", "magnetometer", "microphone", "midi", "payment", "picture-in-picture",
        "publickey-credentials-create", "publickey-credentials-get", "screen-wake-lock", "serial", "usb",
        "xr-spatial-tracking",
    )
)  # fmt: skip
DAY = 86_400
YEAR = 365 * DAY


def install(app: Flask) -> None:
    app.after_request(_add)


def as_mail_preview(html: str) -> Response:
    """An answer for the preview frame, under its own policy: no script, no request to any other host."""
    response = Response(html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = PREVIEW_POLICY
    return response


def _add(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers.setdefault(
        "X-Robots-Tag", "noindex, nofollow"
    )  # also the pages behind links in mails are nobody else's
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", NO_PERMISSIONS)
    if cookies.secure():  # over http browsers pay no heed to it
        headers.setdefault("Strict-Transport-Security", f"max-age={desk().config.hsts_days * DAY}")
    if request.endpoint == "static" and response.status_code == 200 and "v" in request.args:
        headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    elif request.endpoint != "static":
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers["Cache-Control"] = "no-store"
        headers.add("Vary", "Cookie, HX-Request")
    return response
