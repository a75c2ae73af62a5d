"""The pages for what could not be done: they name the reason and offer the next step. No traceback reaches a person."""

import logging

from flask import Flask, g, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from webapp.errors import Conflict, DomainError, NotAllowed, NotFound

log = logging.getLogger("offerpost.web")

Answer = tuple[str, int]

WORDS = {
    400: (
        "This request can't be understood",
        "Something in the address or the form is off. Go back and try once more.",
    ),
    403: ("Not open to you", "Nobody has opened this page to your account."),
    404: ("There is nothing here", "The address is wrong, or what stood here was removed."),
    405: ("This address wants a button", "It can't be opened as a page. Go back and use the button there."),
    413: (
        "That is too much at once",
        "The upload is larger than this server takes. Split the file and try again.",
    ),
    429: ("Too many tries", "Wait a minute, then try again."),
}


def install(app: Flask) -> None:
    app.register_error_handler(NotAllowed, _not_allowed)
    app.register_error_handler(NotFound, lambda error: _page(404, *_titled(404, error)))
    app.register_error_handler(Conflict, lambda error: _page(409, "Somebody was faster", str(error)))
    app.register_error_handler(DomainError, lambda error: _page(400, "That was refused", str(error)))
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _fault)


def _page(status: int, title: str, words: str, **more: object) -> Answer:
    g.refused = True
    template = "errors/part.html" if request.headers.get("HX-Request") else "errors/page.html"
    return render_template(template, status=status, title=title, words=words, **more), status


def _titled(status: int, error: DomainError) -> tuple[str, str]:
    title, words = WORDS[status]
    return title, str(error) or words


def _not_allowed(error: NotAllowed) -> Answer:
    return _page(403, "This page needs a right that you don't have", str(error), right=error.right)


def _expired(_error: CSRFError) -> Answer:
    return _page(
        400,
        "This form is too old",
        "It was open for too long, or in another session. Reload the page and send it again.",
    )


def _http(error: HTTPException) -> Answer | HTTPException:
    if error.code is None or error.code < 400:
        return error
    return _page(error.code, *WORDS.get(error.code, (error.name, error.description or "")))


def _fault(error: Exception) -> Answer:
    # The route, not the address: addresses of one-time links are secrets.
    log.error("fault in %s", request.endpoint, exc_info=error)
    return _page(
        500,
        "A fault of ours",
        "Nothing was saved. Try again; if it happens twice, the operator finds the cause in the log.",
    )
