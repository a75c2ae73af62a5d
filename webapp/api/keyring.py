"""Lets programs in: the key that a request shows, whether it may be used here and now, and for whom it works."""

from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from flask import Flask, current_app, g, request
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from webapp.accounts.models import User
from webapp.announce import acting
from webapp.api import keys
from webapp.api.models import ApiKey
from webapp.api.pace import Pace
from webapp.db import utcnow
from webapp.web.problems import Problem
from webapp.web.session import db, desk

A_MINUTE = 600  # requests of one key
WRONG_A_MINUTE = 30  # wrong keys from one address
NOTED_EVERY = timedelta(minutes=1)
REALM = 'Bearer realm="Offerpost"'


@dataclass(frozen=True)
class Caller:
    """The key of this request and its owner, whose rights limit what it may do."""

    key: ApiKey
    user: User


def install(app: Flask) -> None:
    app.extensions["keyring"] = admit
    app.extensions["api_pace"] = (Pace(A_MINUTE), Pace(WRONG_A_MINUTE))


def caller() -> Caller:
    """Who asks; every view that is marked `by_key` has one."""
    return cast(Caller, g.caller)


def admit(scope: str) -> None:
    """Take the key of the request; a `Problem` says why it opens nothing."""
    pace, wrong = cast(tuple[Pace, Pace], current_app.extensions["api_pace"])
    remote = request.remote_addr or ""
    with desk().reading() as session:
        key = keys.find(session, _shown())
        if key is None:
            # A good key is never turned away for the wrong ones of others: many may share an address.
            if wait := wrong.take(remote):
                raise _too_often("Too many wrong keys came from your address.", wait)
            raise _unknown("This key isn’t known here. Check that it was copied whole, or make a new one.")
        _check(key, scope, remote)
        if wait := pace.take(key.prefix):
            raise _too_often(f"A key may ask {pace.most} times a minute.", wait)
        g.caller = Caller(key, key.user)
        acting(db(), key.user.id)
    _note(key)


def _shown() -> str:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise _unknown(
            "No key came along. Send it as “Authorization: Bearer opk_…”; cookies don’t count here."
        )
    return secret.strip()


def _check(key: ApiKey, scope: str, remote: str) -> None:
    reasons = {
        "revoked": "This key was revoked. Make a new one.",
        "expired": "The time of this key is over. Make a new one.",
        "disabled": "The owner of this key may not manage APIs any more. Let somebody else make a new one.",
    }
    if (state := keys.state(key)) in reasons:
        raise _unknown(reasons[state])
    if not keys.comes_from(key, remote):
        words = f"This key may not be used from {remote}. Make one for that network, or call from another."
        raise Problem(403, "network", "Not from this network", words)
    if scope not in key.scopes:
        words = f"This key lacks the scope “{scope}”. Make one that has it."
        told = {"WWW-Authenticate": f'{REALM}, error="insufficient_scope", scope="{scope}"'}
        raise Problem(403, "scope", "The key is not for this", words, told)


def _note(key: ApiKey) -> None:
    """When it was last used, to the minute: people look for keys that nobody needs."""
    if key.last_used_at is not None and utcnow() - key.last_used_at < NOTED_EVERY:
        return
    try:
        with desk().session() as session:
            session.execute(update(ApiKey).where(ApiKey.id == key.id).values(last_used_at=utcnow()))
    except OperationalError:
        pass  # no reason to refuse a request


def _unknown(words: str) -> Problem:
    told = {"WWW-Authenticate": f'{REALM}, error="invalid_token"'}
    return Problem(401, "key", "No key that opens this", words, told)


def _too_often(words: str, wait: int) -> Problem:
    again = f"{words} Try again in {wait} seconds."
    return Problem(429, "pace", "Too often", again, {"Retry-After": str(wait)})
