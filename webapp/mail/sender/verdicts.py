"""The one place that decides what an outcome means: for the mail, for the person's address, for the mail server."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.mail.sender.results import ACCEPTED, DEFERRED, REJECTED, UNKNOWN, Result
from webapp.mail.states import Kind, State

NO_SUCH_PERSON = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
SENDER_REFUSED = frozenset({"5.1.7", "5.1.8"})
SERVER_STAGES = frozenset({"connect", "tls", "auth", "mail"})
FIRST_DELAY, LONGEST_DELAY = 300.0, 4_080.0  # 5 minutes, growing to 68
UNKNOWN_DELAY = 600.0  # the first try may still be on its way; its Message-ID stays
OURS = "render"  # the stage of a mail that we could not even make


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of the row. `not_before` counts for deferred ones, `suppress` bars the address from all mail."""

    state: State
    not_before: datetime | None = None
    suppress: bool = False
    words: str = ""


def judge(result: Result, *, kind: str, tries: int, give_up_at: datetime, now: datetime) -> Verdict:
    """The verdict on one mail after its try number `tries`."""
    if result.status == ACCEPTED:
        return Verdict(State.SENT)
    if result.status == UNKNOWN:
        if kind == Kind.ANNOUNCEMENT or now + timedelta(seconds=UNKNOWN_DELAY) > give_up_at:
            return Verdict(State.UNKNOWN)
        return Verdict(State.DEFERRED, now + timedelta(seconds=max(UNKNOWN_DELAY, delay(tries))))
    if result.status == DEFERRED:
        return _later(result, tries, give_up_at, now)
    if result.status == REJECTED and refuses_us(result):
        return Verdict(State.DEFERRED, now)  # it is the server that stops, not this mail
    if result.status == REJECTED:
        return Verdict(State.FAILED, suppress=result.enhanced in NO_SUCH_PERSON)
    raise ValueError(f"there is no outcome called {result.status!r}")


def refuses_us(result: Result) -> bool:
    """Whether a refusal concerns us and so every mail: the sender address, the login, the connection."""
    if result.status != REJECTED:
        return False
    return result.enhanced in SENDER_REFUSED or result.stage in SERVER_STAGES


def is_policy(result: Result) -> bool:
    """A refusal for what we are or what we say (5.7.x): one may be this recipient's taste, several are about us."""
    return result.status == REJECTED and result.enhanced.startswith("5.7.")


def delay(tries: int) -> float:
    """Seconds until the next try: 5 minutes, then longer and longer up to 68, a little different for each mail."""
    grown = min(FIRST_DELAY * 2.0 ** min(max(tries - 1, 0), 10), LONGEST_DELAY)
    return grown * random.uniform(1.0, 1.2)  # noqa: S311 - spreads load, keeps no secret


def _later(result: Result, tries: int, give_up_at: datetime, now: datetime) -> Verdict:
    seconds = max(delay(tries), result.retry_after or 0.0)
    due = now + timedelta(seconds=min(seconds, 86_400.0))
    if due > give_up_at:
        return Verdict(State.FAILED, words="Refused for now until it was given up. ")
    return Verdict(State.DEFERRED, due)
