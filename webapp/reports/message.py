"""The report of one message: what became of its mails, what was heard later, why and where, and how others did."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.broadcasts.content import opens_counted
from webapp.broadcasts.models import Broadcast
from webapp.broadcasts.page_words import why
from webapp.broadcasts.remedies import NOT_REACHED, of_reason
from webapp.imports.cells import as_csv
from webapp.mail.models import Mailing
from webapp.mail.outbox import again
from webapp.mail.outbox.again import Again
from webapp.mail.outbox.counters import as_counts
from webapp.mail.states import State
from webapp.reports import keeping
from webapp.reports.parts import LATER, OTHERS, Domain, Parts, Why
from webapp.reports.rates import Rates, former, rates_of
from webapp.tracking import counts as openings
from webapp.tracking import figures
from webapp.tracking.counts import Opened
from webapp.tracking.figures import LinkClicked

STEPS = (
    (State.SENT, "accepted", "by the next mail server, which is no proof of an inbox"),
    (State.DEFERRED, "deferred", "refused for now, tried again by itself"),
    (State.FAILED, "failed", "refused for good"),
    (State.UNKNOWN, "unknown", "may have gone"),
    (State.SUPPRESSED, "suppressed", "not to be mailed, with a reason for each below"),
    (State.CANCELLED, "cancelled", "stopped by a person"),
)
SORTS = ("name", "mails", "sent", "failed", "hard", "clicked")
HEADS = ("section", "name", "mails", *(state.value for state in State), *LATER)


@dataclass(frozen=True)
class Report:
    broadcast: Broadcast
    mailing: Mailing
    parts: Parts
    counted: datetime | None
    links: Sequence[LinkClicked]
    again: Mapping[str, Again]
    former: Sequence[Rates]
    opened: Opened | None  # None where they are not counted

    @property
    def counts(self) -> Mapping[str, int]:
        return as_counts(self.mailing)

    @property
    def totals(self) -> Mapping[str, int]:
        return self.parts.totals

    @property
    def not_reached(self) -> int:
        """Without a mail, as far as is known."""
        return sum(self.counts[state.value] for state in NOT_REACHED) + self.totals["hard"]

    @property
    def rates(self) -> Rates:
        return rates_of(self.broadcast, self.mailing, self.totals if self.counted else None)

    @property
    def whys(self) -> list[Why]:
        """With a reason that says more than the state does."""
        return [one for one in self.parts.whys if one.reason]


def report(session: Session, user: User, broadcast: Broadcast, mailing: Mailing) -> Report:
    """100 ms however large the message is: what takes longer was counted before."""
    parts, counted = keeping.of_mailing(session, mailing)
    return Report(
        broadcast,
        mailing,
        parts,
        counted,
        figures.by_link(session, mailing.id) if broadcast.counts_clicks else [],
        {
            which: again.count(session, mailing.id, which)
            for which in again.AGAIN
            if as_counts(mailing)[which]
        },
        former(session, user, broadcast),
        openings.of_message(session, broadcast.id) if opens_counted(broadcast) else None,
    )


def domains(parts: Parts, search: str = "", sort: str = "") -> list[Domain]:
    """Those whose name holds `search`, the largest first unless asked otherwise."""
    found = [one for one in parts.domains if search.strip().lower() in one.name]
    column = sort.removeprefix("-") if sort.removeprefix("-") in SORTS else ""
    if column == "name":
        found.sort(key=lambda one: one.name, reverse=sort.startswith("-"))
    elif column:
        found.sort(key=lambda one: (one.mails if column == "mails" else one.counts[column], one.name))
        if sort.startswith("-"):
            found.reverse()
    return found


def words_of(one: Why) -> tuple[str, str]:
    """A reason and what to do about it."""
    reason = why(one.reason) if one.state == State.SUPPRESSED else one.reason
    return reason, of_reason(one.state, one.reason)


def export(see: Report) -> Iterator[str]:
    """All of it as CSV: a line for the whole, each domain, each reason and each link."""
    yield as_csv([HEADS])
    later = {**dict.fromkeys(LATER, 0), **see.totals}
    yield _line("all", see.broadcast.name, see.mailing.total, {**see.counts, **later})
    if see.opened is not None:
        yield _line("opens (indicative)", "direct", see.opened.direct, {})
        yield _line("opens (indicative)", "proxies and programs", see.opened.machines, {})
    for one in see.parts.domains:
        yield _line("domain", one.name if one.name != OTHERS else "all others", one.mails, one.counts)
    for because in see.whys:
        name = f"{words_of(because)[0]} ({because.where})" if because.where else words_of(because)[0]
        yield _line("reason", name, because.count, {because.state: because.count})
    for link in see.links:
        clicked = link.clicked
        yield _line(
            "link",
            link.url,
            None,
            {"clicked": clicked.people, "clicks": clicked.clicks, "machines": clicked.machines},
        )


def _line(section: str, name: str, mails: int | None, counts: Mapping[str, int]) -> str:
    numbers = [str(counts.get(head, "")) for head in HEADS[3:]]
    return as_csv([(section, name, "" if mails is None else str(mails), *numbers)])
