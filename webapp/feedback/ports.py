"""What feedback needs from the replies above it. The composition root plugs it in."""

from typing import Protocol

from sqlalchemy.orm import Session

from webapp.feedback.matching import Match
from webapp.feedback.models import ReturnedMail
from webapp.feedback.returned import Reading


class Hearing(Protocol):
    def __call__(self, session: Session, stored: ReturnedMail, reading: Reading, found: Match | None) -> str:
        """Keep what a person wrote, in the transaction that reads it; a sentence about it, "" when he is none of ours."""


def _nobody_listens(session: Session, stored: ReturnedMail, reading: Reading, found: Match | None) -> str:
    del session, stored, reading, found
    return ""


_hearing: Hearing = _nobody_listens


def plug_hearing(hearing: Hearing) -> None:
    """Called once by the composition root."""
    global _hearing
    _hearing = hearing


def answered(session: Session, stored: ReturnedMail, reading: Reading, found: Match | None) -> str:
    """Say that a person wrote."""
    return _hearing(session, stored, reading, found)
