"""The port through which features say what has happened. `webapp.announcing` makes mail of it, in the same transaction.

Nothing is mailed twice: `Happening.change` tells this change from every other, and each person is mailed once for it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol

from sqlalchemy.orm import Session, sessionmaker

_ANNOUNCER, _SILENT, _HEARD = "offerpost.announcer", "offerpost.silent", "offerpost.heard"
_TOLD, _ACTOR = "offerpost.told", "offerpost.actor"
NAMED = 5


@dataclass(frozen=True)
class Note:
    """What a person adds to the mails about a change: a reason, and from which day it counts."""

    reason: str = ""
    day: date | None = None


@dataclass(frozen=True)
class Guest:
    """Somebody without an account yet: an address and the values that his mail needs, by token key."""

    address: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Happening:
    """`event` is a name of the catalogue (docs/events.md). `change` is what makes it this change: any text of the caller's.

    `people` are ids of affiliates that it is about, `offer` a CID. `values` hold the event's own tokens by key
    ("denialreason"), `own` those of single affiliates; `changes` is the change of an affiliate where each has his own.
    `team` names users by id where the catalogue's rule does not; `page` is where a mail to the team leads, as a path.
    """

    event: str
    change: str
    people: Sequence[int] = ()
    offer: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    changes: Mapping[int, str] = field(default_factory=dict)
    guest: Guest | None = None
    team: Sequence[int] = ()
    page: str = ""


@dataclass(frozen=True)
class Announced:
    """What became of a happening: mails that were queued, people who are not to be mailed, and why there is no mail at all.

    `held` is "", "off" (the template is switched off), "silent", "nobody" (the network has no from address yet), "approval"
    (so many that a second person has to agree first) or "declined" (he did not).
    """

    template: str = ""
    queued: int = 0
    suppressed: int = 0
    held: str = ""

    def and_(self, other: "Announced") -> "Announced":
        """Both together, of the same template."""
        return replace(self, queued=self.queued + other.queued, suppressed=self.suppressed + other.suppressed)

    def __str__(self) -> str:
        if self.held == "silent":
            return "Nobody was mailed, as you wished."
        if self.held == "off":
            return f"The template “{self.template}” is switched off, so nobody was mailed."
        if self.held == "nobody":
            return "Nobody was mailed: Email settings name no from address yet."
        if self.held == "approval":
            return f"Nobody is mailed before a second person has approved it: “{self.template}” goes to very many."
        if self.held == "declined" or not self.queued:
            return "Nobody was mailed."
        mails = "1 mail is" if self.queued == 1 else f"{self.queued:,} mails are"
        return f"{mails} on the way: {self.template}."


@dataclass(frozen=True)
class Expected:
    """Who will get which mail, before anything is saved. `names` are the first few; `off`: the template is switched off;
    `waits`: a second person has to approve it first.
    """

    event: str
    template: str
    count: int
    suppressed: int
    names: tuple[str, ...]
    off: bool = False
    waits: bool = False

    def and_(self, other: "Expected") -> "Expected":
        """Both together, of the same event."""
        return replace(
            self,
            count=self.count + other.count,
            suppressed=self.suppressed + other.suppressed,
            names=(self.names + other.names)[:NAMED],
            waits=self.waits or other.waits,
        )

    @property
    def more(self) -> int:
        """How many there are beside those that are named."""
        return self.count - len(self.names)


class Announcer(Protocol):
    """Implemented by `webapp.announcing`."""

    def announce(self, session: Session, happening: Happening) -> Announced:
        """Queue the mails, in the transaction of the session."""

    def expect(self, session: Session, happening: Happening, viewer: Any) -> Expected:
        """Who would get it; changes nothing. Only those are named whom `viewer`, a user, may see."""


def attach(maker: sessionmaker[Session], announcer: Announcer) -> None:
    """Let every session of `maker` know who announces: the session says which instance it is."""
    maker.configure(info={**maker.kw.get("info", {}), _ANNOUNCER: announcer})


def announce(session: Session, happening: Happening) -> Announced:
    """Something has happened. Call it in the transaction of the change: either both stand or neither."""
    if session.info.get(_SILENT):
        return _noted(session, Announced(held="silent"))
    heard = session.info.get(_HEARD)
    if heard is not None:
        heard.append(happening)
        return Announced()
    announcer: Announcer = session.info[_ANNOUNCER]
    return _noted(session, announcer.announce(session, happening))


def acting(session: Session, user_id: int) -> None:
    """Say who makes the changes of this session: he is not the one who approves their mails."""
    session.info[_ACTOR] = user_id


def actor(session: Session) -> int | None:
    """Who that is; None for the clock, the command line and affiliates."""
    found: int | None = session.info.get(_ACTOR)
    return found


def told(session: Session) -> list[Announced]:
    """What this session has announced so far, for the sentence that a person reads afterwards."""
    found: list[Announced] = session.info.get(_TOLD, [])
    return found


def expected(session: Session, happenings: Sequence[Happening], viewer: Any) -> list[Expected]:
    """Who would get which mail, as far as `viewer`, a user, may know their names."""
    announcer: Announcer = session.info[_ANNOUNCER]
    return [announcer.expect(session, each, viewer) for each in happenings]


@contextmanager
def silently(session: Session) -> Iterator[None]:
    """What is changed inside is told nobody."""
    session.info[_SILENT] = True
    try:
        yield
    finally:
        session.info.pop(_SILENT, None)


@contextmanager
def rehearsal(session: Session) -> Iterator[list[Happening]]:
    """Do a change inside to hear what it would announce: it is undone at the end, and nobody is mailed."""
    heard: list[Happening] = []
    session.info[_HEARD] = heard
    undo = session.begin_nested()
    try:
        yield heard
    finally:
        session.info.pop(_HEARD, None)
        undo.rollback()


def _noted(session: Session, done: Announced) -> Announced:
    session.info.setdefault(_TOLD, []).append(done)
    return done
