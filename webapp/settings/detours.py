"""The sentence for every page while a mail server takes nothing: what waits, what leaves another way, and why."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from webapp.mail.heartbeat import Standstill
from webapp.mail.states import Kind
from webapp.settings.models import MailServer
from webapp.settings.passages import Closed, Passage, Passages

ALL_WAIT, SOME_WAIT, DETOUR = "server_paused", "some_wait", "detour"
OF_SERVERS = frozenset({ALL_WAIT, SOME_WAIT, DETOUR})
NAMES = {Kind.OPERATIONAL: "operational mail", Kind.ANNOUNCEMENT: "announcements"}


def in_the_way(session: Session, now: datetime) -> Standstill | None:
    """Why all mail or some of it waits, or which detour it takes; None while each server takes its own."""
    passages = Passages(session, now)
    every = passages.every() if passages.shut else []
    stuck = [one for one in every if one.waits]
    turned = [one for one in every if one.is_detour]
    if every and len(stuck) == len(every):
        return Standstill(ALL_WAIT, f"Nothing is being sent: {_why(passages, stuck)}")
    if stuck:
        leaving = [one for one in every if not one.waits]
        return Standstill(
            SOME_WAIT,
            f"{_kinds(stuck).capitalize()} {_waits(stuck)}: {_why(passages, stuck)} {_leaves(leaving)}",
        )
    if turned:
        return Standstill(DETOUR, f"Mail takes a detour: {_why(passages, turned)} {_leaves(turned)}")
    return None


def _why(passages: Passages, found: Iterable[Passage]) -> str:
    """The servers that are closed, each with its own words."""
    closed = {server.id: (server, why) for server, why in _closed(passages, found)}
    first = " and ".join(f"the mail server {server.name} {why.state}" for server, why in closed.values())
    said = " ".join(why.said for _, why in closed.values() if why.said)
    return f"{first}. {said}".strip()


def _closed(passages: Passages, found: Iterable[Passage]) -> Iterable[tuple[MailServer, Closed]]:
    for passage in found:
        why = passages.closed(passage.wanted) if passage.wanted is not None else None
        if passage.wanted is not None and why is not None:
            yield passage.wanted, why


def _kinds(found: Iterable[Passage]) -> str:
    return " and ".join(dict.fromkeys(NAMES[Kind(one.kind)] for one in found))


def _waits(found: Iterable[Passage]) -> str:
    return "waits" if {one.kind for one in found} == {Kind.OPERATIONAL} else "wait"


def _leaves(found: Iterable[Passage]) -> str:
    """Operational mail leaves through Relay. · Both name their server."""
    by_server: dict[str, list[Passage]] = {}
    for passage in found:
        if passage.through is not None:
            by_server.setdefault(passage.through.name, []).append(passage)
    parts = (
        f"{_kinds(some).capitalize()} {'leaves' if _waits(some) == 'waits' else 'leave'} through {name}."
        for name, some in by_server.items()
    )
    return " ".join(parts)
