"""Signed-in sessions: begun afresh at sign-in, ended by idleness, age, a new password or disabling."""

import time
from typing import Any

from flask import Flask, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_login import AnonymousUserMixin, LoginManager, login_user, logout_user
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from webapp.accounts.models import User
from webapp.db import utcnow
from webapp.web import cookies
from webapp.web.session import READS, db, desk

IDLE_SECONDS = 12 * 3600
LONGEST_SECONDS = 14 * 86_400
NOTED_EVERY = 300


class Nobody(AnonymousUserMixin):  # type: ignore[misc]
    theme = ""

    def may(self, _right: str) -> bool:
        return False


class Cookies(SecureCookieSessionInterface):
    """Kept to encrypted connections, and to this host, wherever that can be."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return cookies.secure()

    def get_cookie_name(self, app: Flask) -> str:
        return cookies.name(super().get_cookie_name(app))


def install(app: Flask) -> None:
    app.session_interface = Cookies()
    app.config.update(PERMANENT_SESSION_LIFETIME=LONGEST_SECONDS, SESSION_REFRESH_EACH_REQUEST=False)
    manager = LoginManager(app)
    manager.anonymous_user = Nobody
    manager.session_protection = None  # a phone changes its address all day long
    manager.user_loader(load)


def begin(user: User) -> None:
    """Sign in. Nothing of the session before survives: what somebody planted in it is worthless."""
    session.clear()
    session.permanent = True
    session.update(times())
    login_user(user)


def end() -> None:
    logout_user()
    session.clear()


def times() -> dict[str, int]:
    """When a session began and was last used, as it carries it itself."""
    now = int(time.time())
    return {"began": now, "seen": now}


def load(identity: str) -> User | None:
    """The user of a session, unless the session or the user is out."""
    now = int(time.time())
    began, seen = session.get("began", 0), session.get("seen", 0)
    if now - began > LONGEST_SECONDS or now - seen > IDLE_SECONDS:
        return None
    user = user_of(identity)
    if user is not None and now - seen > NOTED_EVERY:
        session["seen"] = now
        _note(user)
    return user


def user_of(identity: str) -> User | None:
    """Who that is, while nothing has ended the sessions of that generation."""
    number, _, generation = identity.partition(":")
    user = db().get(User, int(number)) if number.isdecimal() else None
    return user if user is not None and user.is_active and str(user.generation) == generation else None


def _note(user: User) -> None:
    if request.method not in READS:
        user.last_seen_at = utcnow()  # commits with the request
        return
    try:
        with desk().session() as own:
            own.execute(update(User).where(User.id == user.id).values(last_seen_at=utcnow()))
    except OperationalError:
        pass  # when a list says “last seen” is no reason to refuse a page


def local_path(target: Any) -> str | None:
    """`next` as an address on this desk, or None: never one that a browser could read as another host."""
    if not isinstance(target, str) or not target.startswith("/") or target.startswith("//"):
        return None
    if "\\" in target or any(ord(character) < 33 or ord(character) == 127 for character in target):
        return None
    return target
