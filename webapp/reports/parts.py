"""One mailing by recipient domain and by reason, counted from its rows: exact, and too slow for a page of a large mailing."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, distinct, func, select
from sqlalchemy.orm import Session

from webapp.broadcasts import reasons
from webapp.db import domain_of
from webapp.mail.clicks import Click
from webapp.mail.consents import Consent
from webapp.mail.events import Happened, MailEvent
from webapp.mail.models import Mailing, OutboxMail
from webapp.mail.states import State

MOST_DOMAINS = 500
OTHERS = ""  # the domains beyond, together
WORDS = 200  # of a reply: those that differ only behind are one reason
LATER = ("hard", "soft", "complained", "unsubscribed", "clicked", "clicks", "machines")
BACK = {Happened.BOUNCED.value: "soft", Happened.COMPLAINED.value: "complained"}
WITH_WORDS = (State.FAILED, State.DEFERRED)


@dataclass(frozen=True)
class Domain:
    """Mails to one recipient domain: how many are in each state, and what was heard of them later."""

    name: str
    counts: Counter[str]

    @property
    def mails(self) -> int:
        return sum(self.counts[state.value] for state in State)


@dataclass(frozen=True)
class Why:
    """So many mails are in this state for one reason. `words` is one of the replies, `where` the domain or how many."""

    state: str
    reason: str
    count: int
    where: str = ""
    words: str = ""


@dataclass(frozen=True)
class Parts:
    """`rows` is how many mails were there to be counted: fewer than the mailing had, once they are cleared away."""

    rows: int
    domains: list[Domain]
    whys: list[Why]

    @property
    def totals(self) -> dict[str, int]:
        """What was heard later of all mails together."""
        whole: Counter[str] = Counter()
        for domain in self.domains:
            whole.update(domain.counts)
        return {name: whole[name] for name in LATER}

    def as_dict(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "domains": [[one.name, +one.counts] for one in self.domains],
            "whys": [[one.state, one.reason, one.count, one.where, one.words] for one in self.whys],
        }

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> "Parts":
        domains = [Domain(name, Counter(counts)) for name, counts in kept.get("domains", ())]
        return cls(kept.get("rows", 0), domains, [Why(*one) for one in kept.get("whys", ())])


def count(session: Session, mailing: Mailing) -> Parts:
    """Count it now. 100,000 mails take about a second, so for those the job does it."""
    domains: dict[str, Counter[str]] = {}
    troubled: list[tuple[str, str, str, str, str, int]] = []
    rows = 0
    for state, domain, reason, code, words, number in session.execute(_states(mailing.id)):
        domains.setdefault(domain, Counter())[state] += number
        rows += number
        if state not in (State.SENT, State.QUEUED, State.SENDING):
            troubled.append((state, domain, reason, code, words, number))
    for name, domain, number in _later(session, mailing.id):
        domains.setdefault(domain, Counter())[name] += number
    return Parts(rows, _bounded(domains), list(_whys(troubled)))


def _bounded(domains: dict[str, Counter[str]]) -> list[Domain]:
    """The domains that got the most by name, the others together."""
    ordered = sorted((Domain(*pair) for pair in domains.items()), key=lambda one: (-one.mails, one.name))
    found, others = ordered[:MOST_DOMAINS], ordered[MOST_DOMAINS:]
    if others:
        rest: Counter[str] = Counter()
        for one in others:
            rest.update(one.counts)
        found.append(Domain(OTHERS, rest))
    return found


def _whys(troubled: Iterable[tuple[str, str, str, str, str, int]]) -> Iterator[Why]:
    """Failures and deferrals by the reason that the replies stand for, the others by that of the row."""
    rows = list(troubled)
    for said in WITH_WORDS:
        replies = ((row[1], row[3], row[4], row[5]) for row in rows if row[0] == said)
        for one in reasons.gather(replies):
            yield Why(said.value, one.title, one.count, one.where, one.said)
    plain: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row[0] not in WITH_WORDS:
            plain[row[0], row[2]] += row[5]
    for (state, reason), number in plain.most_common():
        yield Why(state, reason, number)


def _domain() -> ColumnElement[str]:
    return func.substr(domain_of(func.lower(OutboxMail.address)), 2)


def _states(mailing_id: int) -> Select[*tuple[Any, ...]]:
    said = OutboxMail.state.in_([state.value for state in WITH_WORDS])
    columns = (
        OutboxMail.state.label("s"),
        _domain().label("d"),
        OutboxMail.reason.label("r"),
        case((said, OutboxMail.code), else_="").label("c"),
        case((said, func.substr(OutboxMail.detail, 1, WORDS)), else_="").label("w"),
    )
    mine = OutboxMail.mailing_id == mailing_id
    return select(*columns, func.count()).where(mine).group_by("s", "d", "r", "c", "w").order_by("s", "d")


def _later(session: Session, mailing_id: int) -> Iterator[tuple[str, str, int]]:
    """(what, domain, mails) of what was heard later, each mail once for each."""
    mine = OutboxMail.mailing_id == mailing_id
    first, last = session.execute(select(func.min(OutboxMail.id), func.max(OutboxMail.id)).where(mine)).one()
    if first is None:
        return
    mails = func.count(distinct(OutboxMail.id))
    events = (
        select(MailEvent.kind, MailEvent.severity, _domain().label("d"), mails)
        .select_from(MailEvent)
        .join(OutboxMail, OutboxMail.id == MailEvent.mail_id)
        .where(mine, MailEvent.mail_id.between(first, last), MailEvent.verified, MailEvent.kind.in_(BACK))
        .group_by(MailEvent.kind, MailEvent.severity, "d")
    )
    for kind, severity, domain, number in session.execute(events):
        yield "hard" if severity == "hard" else BACK[kind], domain, number
    left = (
        select(_domain().label("d"), mails)
        .select_from(Consent)
        .join(OutboxMail, OutboxMail.id == Consent.mail_id)
        .where(mine, Consent.mail_id.between(first, last), ~Consent.given)
        .group_by("d")
    )
    for domain, number in session.execute(left):
        yield "unsubscribed", domain, number
    human = Click.machine == ""
    clicks = (
        select(
            _domain().label("d"),
            func.count(distinct(case((human, Click.mail_id)))),
            func.sum(case((human, 1), else_=0)),
            func.sum(case((human, 0), else_=1)),
        )
        .select_from(Click)
        .join(OutboxMail, OutboxMail.id == Click.mail_id)
        .where(Click.mailing_id == mailing_id)
        .group_by("d")
    )
    for domain, *numbers in session.execute(clicks):
        yield from zip(("clicked", "clicks", "machines"), (domain,) * 3, numbers, strict=True)
