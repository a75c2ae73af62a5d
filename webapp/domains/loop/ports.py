"""What the loop test needs of the mailbox, which is a neighbour's: `wiring` plugs it in."""

from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from webapp.desk import Desk


class Inbox(Protocol):
    """The app's own mailbox."""

    def address(self, session: Session) -> str:
        """The address whose mail comes there; "" while no mailbox is set up."""

    def fetch(self, desk: Desk) -> str:
        """Take in what is new, with no transaction open; in words what stood in the way, "" if nothing did."""

    def search(self, session: Session, token: str, sender: str, since: datetime) -> bytes | None:
        """The mail from this sender with the token in its subject, as it came; None while there is none."""


class _NoInbox:
    def address(self, session: Session) -> str:
        del session
        return ""

    def fetch(self, desk: Desk) -> str:
        del desk
        return "No mailbox is set up."

    def search(self, session: Session, token: str, sender: str, since: datetime) -> bytes | None:
        del session, token, sender, since
        return None


_inbox: Inbox = _NoInbox()


def plug(inbox: Inbox) -> None:
    """Called once by the composition root; it keeps no state of its own."""
    global _inbox
    _inbox = inbox


def own_inbox() -> Inbox:
    return _inbox
