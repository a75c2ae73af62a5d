"""One database session a request. The request commits, features only flush."""

from typing import cast

from flask import Flask, Response, current_app, g, request
from sqlalchemy.orm import Session

from webapp.desk import Desk

READS = frozenset({"GET", "HEAD", "OPTIONS"})


def desk() -> Desk:
    """The opened instance that this app serves."""
    return cast(Desk, current_app.extensions["desk"])


def db() -> Session:
    """The session of this request, made at first use. A POST takes SQLite's write lock with its first statement."""
    if "db" not in g:
        g.db = desk().reading() if request.method in READS else desk().writing()
    return cast(Session, g.db)


def release() -> None:
    """Commit what is done so far and let go of the lock. Call it before anything slow: a mail server, a name server."""
    if "db" in g:
        g.db.commit()


def install(app: Flask) -> None:
    app.after_request(_commit)
    app.teardown_request(_close)


def _commit(response: Response) -> Response:
    if "db" in g and request.method not in READS and response.status_code < 500 and not g.get("refused"):
        g.db.commit()
    return response


def _close(_error: BaseException | None) -> None:
    session = g.pop("db", None)
    if session is not None:
        session.close()  # rolls back what nobody committed
