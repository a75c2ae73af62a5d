"""The pages for what could not be done: they name the reason and offer the next step. No traceback reaches a person.

Programs, which ask below `/api/`, get a problem document instead.
"""

import logging
from collections.abc import Callable
from secrets import token_hex
from typing import Any

from flask import Flask, Response, g, render_template, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException

from webapp.errors import Conflict, DomainError, NotAllowed, NotFound
from webapp.web import problems
from webapp.web.origin import FromAnotherSite

log = logging.getLogger("offerpost.web")

Answer = tuple[str, int]

TAGS = {
    400: "Not understood",
    403: "Not allowed",
    404: "Not found",
    409: "Too late",
    429: "Too often",
    500: "Our fault",
}

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
    pages: dict[type[Exception], Callable[[Any], Answer | HTTPException]] = {
        NotAllowed: _not_allowed,
        NotFound: lambda error: _page(404, *_titled(404, error)),
        Conflict: lambda error: _page(409, "Somebody was faster", str(error)),
        FromAnotherSite: lambda error: _page(403, "This came from another site", str(error)),
        DomainError: lambda error: _page(400, "That was refused", str(error)),
        CSRFError: _expired,
        OverflowError: _beyond,
        DataError: _beyond,
        HTTPException: _http,
    }
    for kind, page in pages.items():
        app.register_error_handler(kind, _for_whoever_asks(page))
    app.register_error_handler(problems.Problem, problems.of)
    app.register_error_handler(Exception, _fault)


def _for_whoever_asks(page: Callable[[Any], Answer | HTTPException]) -> Callable[[Any], Any]:
    return lambda error: problems.of(error) if problems.asked() else page(error)


def _page(status: int, title: str, words: str, **more: object) -> Answer:
    g.refused = True
    template = "errors/part.html" if request.headers.get("HX-Request") else "errors/page.html"
    more.setdefault("tag", f"{status} · {TAGS.get(status, 'Refused')}")
    return render_template(template, status=status, title=title, words=words, **more), status


def _titled(status: int, error: DomainError) -> tuple[str, str]:
    title, words = WORDS[status]
    return title, str(error) or words


def _not_allowed(error: NotAllowed) -> Answer:
    words = f"You are signed in as {current_user.name}, who doesn't have it."
    return _page(403, str(error).removesuffix("."), words, right=error.right)


def _expired(_error: CSRFError) -> Answer:
    return _page(
        400,
        "This form is too old",
        "It was open for too long, or in another session. Reload the page and send it again.",
    )


def _beyond(error: OverflowError | DataError) -> Answer:
    """A number or a text that no column can hold, typed into an address or a form by hand."""
    log.warning("a value beyond the database in %s: %s", request.endpoint, type(error).__name__)
    if "db" in g:
        g.db.rollback()  # PostgreSQL answers nothing more in a transaction that failed, and the page asks again
    return _page(400, *WORDS[400])


def _http(error: HTTPException) -> Answer | HTTPException:
    if error.code is None or error.code < 400:
        return error
    return _page(error.code, *WORDS.get(error.code, (error.name, error.description or "")))


def _fault(error: Exception) -> Answer | Response:
    reference = token_hex(4).upper()
    # The route, not the address: addresses of one-time links are secrets.
    log.error("fault %s in %s", reference, request.endpoint, exc_info=error)
    words = "Nothing was saved. Try again; if it happens twice, give the reference to whoever runs this Offerpost."
    if problems.asked():
        return problems.answer(500, "fault", "A fault of ours", words, reference=reference)
    return _page(500, "A fault of ours", words, reference=reference)
