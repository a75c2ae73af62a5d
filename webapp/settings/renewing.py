"""Secrets that a provider replaces at each use: who has one just now, and the newest of each, sealed.

A row belongs to the text that the settings hold (saved, typed for a test, or of the environment) and is found by its hash,
so that every copy of that text leads to the same newest one.
"""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete
from sqlalchemy.orm import Session

from transports.errors import TemporaryError
from transports.keeping import BORROWED
from webapp.db import inserting, utcnow
from webapp.desk import Desk
from webapp.settings.models import RenewedSecret
from webapp.vault import Vault, VaultError

FORGOTTEN_AFTER = timedelta(days=400)  # by then no provider knows it any more
LOOK = 0.1  # seconds between two looks whether it is free


def lend(session: Session, vault: Vault, given: str, now: datetime) -> str | None:
    """The newest successor of this secret, for one borrower; None while somebody else has it."""
    row = _row(session, given)
    if row.lent_until is not None and row.lent_until > now:
        return None
    row.lent_until = now + timedelta(seconds=BORROWED)
    session.flush()
    return _newest(vault, row, given)


def take_back(session: Session, vault: Vault, given: str, used: str, renewed: str) -> None:
    """It is free again. A successor counts if it came from the secret that is still the newest one."""
    row = _row(session, given)
    if renewed and _newest(vault, row, given) == used:
        row.sealed = vault.encrypt(renewed, row=row_name(row.first))
        row.changed_at = utcnow()
    row.lent_until = None
    session.flush()


def forget(session: Session, given: Iterable[str]) -> None:
    """These secrets were removed or replaced by a person: their successors go with them."""
    session.execute(delete(RenewedSecret).where(RenewedSecret.first.in_([_hash(one) for one in given])))


def forget_the_old(session: Session) -> None:
    session.execute(delete(RenewedSecret).where(RenewedSecret.changed_at < utcnow() - FORGOTTEN_AFTER))


def row_name(first: str) -> str:
    """The place to which a sealed successor is bound."""
    return f"renewed_secret:{first}"


class DeskKeeper:
    """Implements `transports.keeping.Keeper` for pages and commands; each step is a transaction of its own."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def borrow(self, given: str) -> str:
        ends = time.monotonic() + BORROWED
        while time.monotonic() < ends:
            with self._desk.session() as session:
                found = lend(session, self._desk.vault, given, utcnow())
            if found is not None:
                return found
            time.sleep(LOOK)
        raise TemporaryError("Another process is renewing the refresh token.", "", "Try again in a minute.")

    def give_back(self, given: str, used: str, renewed: str) -> None:
        with self._desk.session() as session:
            take_back(session, self._desk.vault, given, used, renewed)


def _row(session: Session, given: str) -> RenewedSecret:
    first = _hash(given)
    session.execute(inserting(session, RenewedSecret).values(first=first).on_conflict_do_nothing())
    return session.get_one(RenewedSecret, first, with_for_update=True, populate_existing=True)


def _newest(vault: Vault, row: RenewedSecret, given: str) -> str:
    if not row.sealed:
        return given
    try:
        return vault.decrypt(row.sealed, row=row_name(row.first))
    except VaultError:  # sealed with a key that is gone: what the settings hold is the best there is
        return given


def _hash(given: str) -> str:
    return sha256(b"renewed secret\n" + given.encode()).hexdigest()
