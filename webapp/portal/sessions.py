"""Sessions of affiliates: a cookie of their own and rows of their own, apart from those of users in every way.

One ends by signing out, by idleness, by age, when the affiliate is paused or gets another address, and with the affiliate.
Once ended it does not come back (`ending`).
"""

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import cast

from flask import Response, g, request
from sqlalchemy import delete, select, update
from sqlalchemy.exc import OperationalError
from werkzeug import Response as AnyResponse

from webapp.affiliates.audience import MAILABLE
from webapp.affiliates.models import Affiliate
from webapp.db import utcnow
from webapp.errors import NotFound
from webapp.portal.models import PortalSession
from webapp.settings import store
from webapp.web import cookies
from webapp.web.session import READS, db, desk

COOKIE = "offerpost_my"
TOKEN_BYTES = 32
IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
NOTED_EVERY = timedelta(minutes=5)
CLOSED = "This page is closed at present. Answer a mail of ours if there is something you need."


def current() -> Affiliate | None:
    """The affiliate whose session this is, if it is one and he is still active."""
    if "affiliate" not in g:
        g.affiliate = _load()
    return cast(Affiliate | None, g.affiliate)


def mine() -> Affiliate:
    """The same in a view that only affiliates open."""
    affiliate = current()
    assert affiliate is not None, "the gate lets nobody else in"
    return affiliate


def check_open() -> None:
    """Refuse while the network has its affiliates' pages switched off."""
    if not store.identity(db()).portal_open:
        raise NotFound(CLOSED)


def begin(response: AnyResponse, affiliate: Affiliate) -> None:
    """Sign him in. A session that the browser had before is ended: nothing of it survives."""
    end(response)
    oldest = utcnow() - LONGEST
    db().execute(delete(PortalSession).where(PortalSession.began_at < oldest))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    db().add(PortalSession(affiliate_id=affiliate.id, address=affiliate.address, token_hash=_hashed(token)))
    response.set_cookie(
        cookies.name(COOKIE),
        token,
        max_age=int(LONGEST.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=cookies.secure(),
    )
    g.affiliate = affiliate


def end(response: AnyResponse | Response) -> None:
    """Sign out, also for whoever has copied the cookie."""
    token = request.cookies.get(cookies.name(COOKIE), "")
    if token:
        db().execute(delete(PortalSession).where(PortalSession.token_hash == _hashed(token)))
    response.delete_cookie(cookies.name(COOKIE), httponly=True, samesite="Lax", secure=cookies.secure())
    g.affiliate = None


def _load() -> Affiliate | None:
    token = request.cookies.get(cookies.name(COOKIE), "")
    if not token:
        return None
    query = select(PortalSession, Affiliate).join(Affiliate, Affiliate.id == PortalSession.affiliate_id)
    row = db().execute(query.where(PortalSession.token_hash == _hashed(token))).one_or_none()
    if row is None:
        return None
    session, affiliate, now = row[0], row[1], utcnow()
    if affiliate.status != MAILABLE or affiliate.address != session.address:
        return None
    if now - session.began_at > LONGEST or now - session.seen_at > IDLE:
        return None
    if now - session.seen_at > NOTED_EVERY:
        _note(session)
    return affiliate


def _note(session: PortalSession) -> None:
    if request.method not in READS:
        session.seen_at = utcnow()  # commits with the request
        return
    try:
        with desk().session() as own:
            seen = update(PortalSession).where(PortalSession.id == session.id)
            own.execute(seen.values(seen_at=utcnow()))
    except OperationalError:
        pass  # the next page notes it


def _hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()
