"""Which server a mail leaves through: the one it names, else the closest rule, else the default; a fallback while that one can't.

It is worked out when a mail is claimed. A mail that was handed over stays with its server until that attempt is over.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, true
from sqlalchemy.orm import InstrumentedAttribute

from webapp.mail.models import MailContent, OutboxMail
from webapp.mail.states import Kind

NOBODY = -1
ALL, OPERATIONAL = "all", "operational"


@dataclass(frozen=True)
class Rule:
    """Mail of these classes from these sender domains goes through this server. Empty: any."""

    server_id: int
    kinds: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()

    def fits(self, kind: str, domain: str) -> bool:
        return (not self.kinds or kind in self.kinds) and (not self.domains or domain in self.domains)

    @property
    def rank(self) -> tuple[int, int, int]:
        """A rule with a sender domain is closer than one with a class; the older server wins a tie."""
        return (not self.domains, not self.kinds, self.server_id)


@dataclass(frozen=True)
class Fallback:
    """What may go on for a server that rests or is paused, for operational mail or for all."""

    server_id: int
    kinds: str = OPERATIONAL

    def allows(self, kind: str) -> bool:
        return self.kinds == ALL or kind == Kind.OPERATIONAL


@dataclass(frozen=True)
class Ways:
    """All rules, and what they come to while some servers are closed."""

    default_id: int | None
    rules: tuple[Rule, ...] = ()
    fallbacks: Mapping[int, Fallback] = field(default_factory=dict)
    closed: frozenset[int] = frozenset()

    def with_closed(self, closed: Iterable[int]) -> "Ways":
        return replace(self, closed=frozenset(closed))

    def server_ids(self, named: Collection[int]) -> set[int]:
        """Every server that a mail may leave through, if these are named by mails."""
        wanted = {*named, *(rule.server_id for rule in self.rules)}
        wanted |= {self.default_id} if self.default_id is not None else set()
        return wanted | {self.fallbacks[one].server_id for one in wanted if one in self.fallbacks}

    def of(self, kind: str, domain: str, named: int | None) -> int | None:
        """The server for a mail of this class from this domain."""
        if named is None:
            rule = next(
                (one for one in sorted(self.rules, key=lambda one: one.rank) if one.fits(kind, domain)), None
            )
            named = rule.server_id if rule is not None else self.default_id
        fallback = self.fallbacks.get(named) if named in self.closed and named is not None else None
        if fallback is not None and fallback.allows(kind) and fallback.server_id not in self.closed:
            return fallback.server_id
        return named

    def expression(self) -> ColumnElement[int]:
        """The same for rows of the outbox, in SQL."""
        rules = sorted(self.rules, key=lambda one: one.rank)
        default = literal(self.default_id if self.default_id is not None else NOBODY)
        ruled = case(*((_fits(rule), rule.server_id) for rule in rules), else_=default) if rules else default
        wanted = func.coalesce(OutboxMail.server_id, ruled)
        instead = [
            (and_(wanted == one, _may(fallback)), fallback.server_id)
            for one, fallback in sorted(self.fallbacks.items())
            if one in self.closed and fallback.server_id not in self.closed
        ]
        return case(*instead, else_=wanted) if instead else wanted


def sender_domain(draft: Mapping[str, Any]) -> str:
    """The domain of the from address of a frozen draft."""
    return str(draft.get("from_address", "")).rpartition("@")[2].lower()


def _fits(rule: Rule) -> ColumnElement[bool]:
    kinds = OutboxMail.kind.in_(sorted(rule.kinds)) if rule.kinds else true()
    if not rule.domains:
        return kinds
    sender: Any = func.lower(_from_address(MailContent.draft))
    ends = [sender.endswith(f"@{domain}", autoescape=True) for domain in sorted(rule.domains)]
    return and_(kinds, exists().where(MailContent.id == OutboxMail.content_id, or_(*ends)))


def _from_address(draft: "InstrumentedAttribute[dict[str, Any]]") -> Any:
    return draft["from_address"].as_string()


def _may(fallback: Fallback) -> ColumnElement[bool]:
    return true() if fallback.kinds == ALL else OutboxMail.kind == Kind.OPERATIONAL.value
