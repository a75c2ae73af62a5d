"""Where a started message stands: numbers, words and the latest results, as its page shows them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil

from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.affiliates.audience import describe
from webapp.affiliates.models import Affiliate
from webapp.broadcasts import outcomes
from webapp.broadcasts.models import Broadcast
from webapp.broadcasts.reasons import Reason
from webapp.broadcasts.reasons import reasons as reasons_of
from webapp.broadcasts.review import server_of
from webapp.broadcasts.waiting import waiting_for
from webapp.db import utcnow
from webapp.errors import Invalid
from webapp.mail.models import OutboxMail
from webapp.mail.outbox.outcomes import Progress, progress
from webapp.mail.states import FINAL, MailingState, State

MOVING = (MailingState.RUNNING, MailingState.PAUSED)
TILES = {
    State.QUEUED: ("queued", "not tried yet"),
    State.SENDING: ("sending", "on the line now"),
    State.SENT: ("accepted", "by the next server"),
    State.DEFERRED: ("deferred", "will try again"),
    State.FAILED: ("failed", "refused for good"),
    State.UNKNOWN: ("unknown", "may have gone"),
    State.SUPPRESSED: ("suppressed", "not to be mailed"),
    State.CANCELLED: ("cancelled", "stopped before it left"),
}


@dataclass(frozen=True)
class Tile:
    """One number of the legend, which filters the table."""

    state: str
    key: str
    words: str
    count: int


@dataclass(frozen=True)
class Standing:
    progress: Progress
    author: str
    audience: str
    server: str
    pace: list[outcomes.Minute] = field(default_factory=list)
    latest: list[tuple[OutboxMail, Affiliate | None]] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    waiting: str = ""  # for what, if mails wait

    @classmethod
    def of(cls, session: Session, broadcast: Broadcast) -> "Standing":
        """Read it. While mails leave, pace and latest results; afterwards the reasons of the failures."""
        mailing_id = broadcast.mailing_id or 0
        now = progress(session, mailing_id)
        moving = now.remaining > 0
        server = server_of(session, broadcast.server_id)
        author = session.get(User, broadcast.created_by) if broadcast.created_by else None
        return cls(
            now,
            author.name if author else "the command line",
            _described(session, broadcast.audience),
            server.name if server else "",
            outcomes.pace(session, mailing_id) if moving else [],
            outcomes.latest(session, mailing_id) if moving else [],
            reasons_of(session, mailing_id) if now.counts[State.FAILED] and not moving else [],
            waiting_for(session, broadcast.mailing, utcnow()) if moving and broadcast.mailing else "",
        )

    @property
    def moving(self) -> bool:
        """Whether anything can still change by itself."""
        return self.progress.state in MOVING or self.progress.remaining > 0

    @property
    def state(self) -> str:
        return self.progress.state

    @property
    def counts(self) -> Mapping[str, int]:
        return self.progress.counts

    @property
    def total(self) -> int:
        return self.progress.total

    @property
    def started_at(self) -> datetime:
        return self.progress.started_at

    @property
    def tiles(self) -> list[Tile]:
        """While it moves all that matter, at the end those that have a number."""
        always = (
            (State.QUEUED, State.SENDING, State.SENT, State.DEFERRED, State.FAILED) if self.moving else ()
        )
        shown = [state for state in TILES if self.counts[state] or state in always or state == State.SENT]
        return [Tile(state.value, *TILES[state], self.counts[state]) for state in shown]

    @property
    def first_tab(self) -> str:
        """What the person came for: at the end the failures, if there are any."""
        return State.FAILED.value if self.counts[State.FAILED] and not self.moving else ""

    @property
    def rate(self) -> int:
        """Results a minute over the last full minutes in which there were any."""
        heard = [one.accepted + one.other for one in self.pace[:-1] if one.accepted + one.other]
        return sum(heard) // len(heard) if heard else 0

    @property
    def minutes_left(self) -> int | None:
        waiting = self.counts[State.QUEUED] + self.counts[State.SENDING]
        return ceil(waiting / self.rate) if self.rate and waiting else None

    @property
    def summary(self) -> str:
        """The bar in words."""
        parts = [f"{count:,} {TILES[State(state)][0]}" for state, count in self.counts.items() if count]
        return f"{', '.join(parts) or 'nothing'}, of {self.total:,}"

    @property
    def percent(self) -> int:
        return 100 * self.progress.done // (self.total or 1)

    @property
    def heading(self) -> str:
        """What the title of the page begins with."""
        if self.counts[State.FAILED]:
            return f"{self.counts[State.FAILED]:,} failed"
        return f"{self.percent} %" if self.moving else ""


def is_final(mail: OutboxMail) -> bool:
    return mail.state in FINAL


def _described(session: Session, expression: str) -> str:
    try:
        words = describe(session, expression)
    except Invalid:
        return expression
    return words[0].lower() + words[1:]
