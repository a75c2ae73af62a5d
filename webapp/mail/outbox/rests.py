"""Mail servers, and domains at a server, that asked us to slow down. All senders and restarts honour what is kept here.

Stop, then ask by a connection test or with one mail, then go on with one connection and one more after each so many
accepted mails.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.mail.models import ServerRest

WHOLE = ""  # the domain of a rest that concerns the server itself
GROW_AFTER = 20  # accepted mails until one more connection is used again
LONGEST = 6  # times the first rest


@dataclass(frozen=True)
class Rest:
    """Why, until when, and with how many connections it goes on after that. `proved`: a test or a mail went well since."""

    until: datetime
    allowed: int
    proved: bool
    words: str

    def over(self, now: datetime) -> bool:
        return now >= self.until


Rests = dict[int, dict[str, Rest]]  # by server, by domain


def standing(session: Session) -> Rests:
    """Every rest that is still remembered. One small select a claim."""
    found: Rests = {}
    for row in session.scalars(select(ServerRest).execution_options(populate_existing=True)):
        rest = Rest(row.until, row.allowed, row.proved, row.words)
        found.setdefault(row.server_id, {})[row.domain] = rest
    return found


def begin(
    session: Session,
    server_id: int,
    domain: str,
    words: str,
    *,
    seconds: float,
    at_least: float,
    now: datetime,
) -> None:
    """Let it rest: `seconds` the first time, twice as long when it had not recovered, never shorter than `at_least`."""
    row = session.get(ServerRest, (server_id, domain), with_for_update=True, populate_existing=True)
    if row is not None and row.until > now:
        return  # another sender was faster
    if row is None:
        row = ServerRest(server_id=server_id, domain=domain, seconds=0.0)
        session.add(row)
    row.seconds = min(max(seconds, row.seconds * 2), max(seconds, LONGEST * seconds))
    row.until = now + timedelta(seconds=max(row.seconds, at_least))
    row.allowed, row.accepted, row.proved, row.words, row.since = 1, 0, False, words[:500], now
    session.flush()


def prove(session: Session, server_id: int, until: datetime) -> None:
    """The server said in a connection test that it is well again after the rest that ended then: it goes on carefully."""
    row = session.get(ServerRest, (server_id, WHOLE), with_for_update=True, populate_existing=True)
    if row is not None and row.until == until:
        row.proved = True
        session.flush()


def accepted(session: Session, server_id: int, domain: str, count: int, connections: int) -> bool:
    """So many mails were accepted since: one connection more for every twenty; with all of them, it is forgotten.

    Returns whether that is so now.
    """
    row = session.get(ServerRest, (server_id, domain), with_for_update=True, populate_existing=True)
    if row is None or not count:
        return False
    row.accepted += count
    row.proved, row.allowed = True, 1 + row.accepted // GROW_AFTER
    recovered = row.allowed >= connections
    if recovered:
        session.delete(row)
    session.flush()
    return recovered


def end(session: Session, server_id: int, domain: str | None = None) -> None:
    """A person says that it is well again: the server with all its domains, or one of them."""
    query = delete(ServerRest).where(ServerRest.server_id == server_id)
    if domain is not None:
        query = query.where(ServerRest.domain == domain)
    session.execute(query.execution_options(synchronize_session=False))


def words_of(found: Mapping[str, Rest], now: datetime) -> str:
    """Why this server rests as a whole, or an empty text."""
    rest = found.get(WHOLE)
    return rest.words if rest is not None and not rest.over(now) else ""
