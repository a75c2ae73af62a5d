"""What stands on top of every page while mail waits or takes a detour, with the reason and the remedy."""

from dataclasses import dataclass

from flask_login import current_user
from sqlalchemy.orm import Session

from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail.heartbeat import Standstill, nothing_is_sent_because, waiting
from webapp.settings.detours import DETOUR, OF_SERVERS, in_the_way
from webapp.settings.directory import Directory
from webapp.web.session import db, desk

NOBODY_WAITS = ("no_server", "no_sender")


@dataclass(frozen=True)
class Trouble:
    kind: str
    title: str
    words: str
    at_servers: bool = False  # whether the page of the mail servers has the remedy


def lasting_trouble() -> Trouble | None:
    """The banner of the present page; None for people who are not signed in, and while all is well."""
    return trouble(db(), desk()) if current_user.is_authenticated else None


def trouble(session: Session, opened: Desk) -> Trouble | None:
    """Nothing is said of a fresh instance that has nothing to send."""
    stopped = nothing_is_sent_because(session, Directory(opened)) or in_the_way(session, utcnow())
    if stopped is None:
        return None
    mails = waiting(session)
    if not mails and stopped.kind in NOBODY_WAITS:
        return None
    return _worded(stopped, mails)


def _worded(stopped: Standstill, mails: int) -> Trouble:
    title, _, rest = stopped.words.partition(". ")
    if stopped.kind == DETOUR:
        return Trouble("warn", title.rstrip(".") + ".", rest, at_servers=True)
    held = (
        f"{mails:,} {'mail waits' if mails == 1 else 'mails wait'}; none is lost."
        if mails
        else "No mail waits."
    )
    kind = "bad" if mails else "warn"
    return Trouble(kind, title.rstrip(".") + ".", f"{rest} {held}".strip(), stopped.kind in OF_SERVERS)
