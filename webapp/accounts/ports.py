"""What accounts needs from the settings above it. `wiring` plugs the reader in; without one nothing is set."""

from typing import Protocol

from sqlalchemy.orm import Session

from webapp.config import DEFAULT_ADDRESS
from webapp.desk import Desk


class SettingReader(Protocol):
    def __call__(self, session: Session, key: str) -> str | None:
        """The value of a setting of the network ("public_url", "network_name", …), if it has one."""


def _nothing_set(session: Session, key: str) -> str | None:
    del session, key
    return None


_reader: SettingReader = _nothing_set


def plug(reader: SettingReader) -> None:
    """Called once by the composition root. The reader keeps no state of its own: the session says which instance."""
    global _reader
    _reader = reader


def setting(session: Session, key: str) -> str:
    return _reader(session, key) or ""


def public_url(session: Session, desk: Desk) -> str:
    """The address under which people reach this desk, without a slash at the end. Never taken from a request."""
    return (setting(session, "public_url") or desk.config.public_url or DEFAULT_ADDRESS).rstrip("/")
