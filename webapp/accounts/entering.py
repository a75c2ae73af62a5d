"""The last step of every way in: signed in at once, or first asked for a code of the second factor."""

import time

from flask import redirect, session, url_for
from werkzeug.wrappers import Response

from webapp.accounts import second_factor, sessions, signin
from webapp.accounts.models import User
from webapp.web.session import db

HALF = "half"  # in the session of somebody whose password was right and whose code is still missing
HALF_SECONDS = 600


def enter(user: User, remote: str, target: str | None) -> Response:
    """Where somebody goes whose password is proven."""
    if second_factor.of(db(), user) is None:
        return finish(user, remote, target)
    session.clear()
    session[HALF] = [user.get_id(), int(time.time()), target or ""]
    return redirect(url_for("accounts.second_step"))


def finish(user: User, remote: str, target: str | None) -> Response:
    signin.note(db(), user, remote)
    sessions.begin(user)
    return redirect(target or url_for("dashboard.overview"))


def waiting() -> tuple[User, str] | None:
    """Who has ten minutes to type his code, and where he wants to go."""
    identity, at, target = session.get(HALF) or ("", 0, "")
    user = sessions.user_of(identity) if time.time() - at < HALF_SECONDS else None
    return (user, target) if user is not None else None
