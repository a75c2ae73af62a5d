"""What accounts needs from the features above it: settings and letters. `wiring` plugs them in."""

from typing import Protocol

from sqlalchemy.orm import Session

from webapp.config import DEFAULT_ADDRESS, Config
from webapp.desk import Desk
from webapp.mail.compose import Draft


class SettingReader(Protocol):
    def __call__(self, session: Session, key: str) -> str | None:
        """The value of a setting of the network ("public_url", "network_name", …), if it has one."""


def _nothing_set(session: Session, key: str) -> str | None:
    del session, key
    return None


class LetterWriter(Protocol):
    def __call__(self, session: Session, config: Config, slug: str) -> Draft | None:
        """A template of that name under the network's identity; None while it is switched off."""


def _no_letters(session: Session, config: Config, slug: str) -> Draft | None:
    del session, config, slug
    return None


_reader: SettingReader = _nothing_set
_writer: LetterWriter = _no_letters


def plug(reader: SettingReader, writer: LetterWriter) -> None:
    """Called once by the composition root. Neither keeps a state of its own: the session says which instance."""
    global _reader, _writer
    _reader, _writer = reader, writer


def letter(session: Session, desk: Desk, slug: str) -> Draft | None:
    """What the mail says."""
    return _writer(session, desk.config, slug)


def setting(session: Session, key: str) -> str:
    return _reader(session, key) or ""


def public_url(session: Session, desk: Desk) -> str:
    """The address under which people reach this desk, without a slash at the end. Never taken from a request."""
    return (setting(session, "public_url") or desk.config.public_url or DEFAULT_ADDRESS).rstrip("/")
