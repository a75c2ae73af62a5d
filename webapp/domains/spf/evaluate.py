"""`check_host` (RFC 7208 §4): what a receiver finds for one address, and what a record costs at worst."""

import ipaddress
from dataclasses import dataclass, field

from webapp.domains.lookup.answers import Answer, Found, mail_hosts
from webapp.domains.lookup.resolver import Resolver
from webapp.domains.spf import macros
from webapp.domains.spf.mail import HOSTS, Mail
from webapp.domains.spf.record import ASKS, BadRecord, Mechanism, Record, parse, select

LOOKUPS, VOIDS = 10, 2  # §4.6.4
COUNTED_TO = 40  # where counting the look-ups of a bomb ends
DEEPEST = 12  # records inside records


class PermError(Exception):
    """The published records cannot be interpreted."""


class TempError(Exception):
    """The DNS could not say."""


@dataclass
class Cost:
    """What an evaluation used: terms that ask, of 10 allowed; answers that were empty, of 2 allowed."""

    lookups: int = 0
    voids: int = 0
    records: dict[str, str] = field(default_factory=dict)  # domain → its record, in order
    terms: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """`result` is none, neutral, pass, fail, softfail, temperror or permerror; `matched` the term that decided."""

    result: str
    matched: str = ""
    reason: str = ""
    explanation: str = ""
    cost: Cost = field(default_factory=Cost)


def check_host(
    resolver: Resolver,
    address: str,
    domain: str,
    sender: str = "",
    helo: str = "",
    *,
    receiver: str = "unknown",
) -> Outcome:
    """What SPF says to a mail from `address` with that envelope domain. `sender` is the whole envelope sender."""
    return _Evaluation(resolver, address, sender or f"postmaster@{domain}", helo or domain, receiver).outcome(
        domain
    )


def survey(resolver: Resolver, domain: str) -> Outcome:
    """The most that evaluating the record of `domain` can cost: no mechanism matches, and limits stop nothing.

    `result` is permerror, temperror or none for what every receiver would run into, else neutral.
    """
    evaluation = _Evaluation(resolver, "192.0.2.1", f"postmaster@{domain}", domain, "unknown", counting=True)
    return evaluation.outcome(domain)


def is_name(domain: str) -> bool:
    """Whether SPF may be asked for it (§4.3): several labels, none empty or longer than 63."""
    labels = domain.removesuffix(".").split(".")
    return len(labels) > 1 and all(0 < len(label) <= 63 for label in labels) and len(domain) <= 254


class _Evaluation:
    def __init__(
        self,
        resolver: Resolver,
        address: str,
        sender: str,
        helo: str,
        receiver: str,
        *,
        counting: bool = False,
    ) -> None:
        self.resolver, self.counting = resolver, counting
        self.mail = Mail(resolver, address, sender, helo, receiver)
        self.address = self.mail.address
        self.cost = Cost()
        self.explained = ""

    def outcome(self, domain: str) -> Outcome:
        if not is_name(domain):
            return Outcome("none", reason=f"{domain[:80]} is not a domain", cost=self.cost)
        try:
            result, matched = self.check(domain, 0)
        except PermError as error:
            return Outcome("permerror", reason=str(error), cost=self.cost)
        except TempError as error:
            return Outcome("temperror", reason=str(error), cost=self.cost)
        explanation = self.explained if result == "fail" else ""
        return Outcome(result, matched, explanation=explanation, cost=self.cost)

    def check(self, domain: str, depth: int, *, included: bool = False) -> tuple[str, str]:
        """(result, term); `none` when there is no record."""
        if depth > DEEPEST:
            raise PermError("records include each other without end")
        record = self.record_of(domain)
        if record is None:
            return "none", ""
        for mechanism in record.mechanisms:
            if self.matches(mechanism, domain, depth) and not self.counting:
                if mechanism.result == "fail" and not included:
                    self.explained = self.explain(record, domain)
                return mechanism.result, mechanism.text
        if record.redirect and not record.has_all:
            self.count(f"redirect={record.redirect}")
            target = self.filled(record.redirect, domain)
            result, matched = (
                self.check(target, depth + 1, included=included) if is_name(target) else ("none", "")
            )
            if result == "none":
                raise PermError(f"redirect={record.redirect} leads to no SPF record")
            return result, matched
        return "neutral", ""

    def record_of(self, domain: str) -> Record | None:
        answer = self.resolver.ask(domain, "TXT")
        if not answer.known:
            raise TempError(f"{domain}: {answer.why}")
        texts = select(answer.values)
        if len(texts) > 1:
            raise PermError(f"{domain} has {len(texts)} SPF records")
        if not texts:
            return None
        seen_before = domain in self.cost.records
        self.cost.records[domain] = texts[0]
        if self.counting and seen_before and self.cost.lookups > COUNTED_TO:
            raise PermError(f"{domain} includes itself")
        try:
            return parse(texts[0])
        except BadRecord as error:
            raise PermError(f"{domain}: {error}") from None

    def count(self, term: str) -> None:
        self.cost.lookups += 1
        self.cost.terms.append(term)
        if self.cost.lookups > (COUNTED_TO if self.counting else LOOKUPS):
            raise PermError(
                f"more than {LOOKUPS} DNS look-ups" if not self.counting else "look-ups without end"
            )

    def look(self, name: str, kind: str, *, counts: bool = True) -> Answer:
        """An answer; an empty one counts as void (§4.6.4)."""
        if not is_name(name):
            return Answer(name, kind, Found.NXDOMAIN)
        answer = self.resolver.ask(name, kind)
        if not answer.known:
            raise TempError(f"{name}: {answer.why}")
        if answer.missing and counts:
            self.cost.voids += 1
            if self.cost.voids > VOIDS and not self.counting:
                raise PermError(f"more than {VOIDS} look-ups that find nothing")
        return answer

    def matches(self, one: Mechanism, domain: str, depth: int) -> bool:
        if one.name in ASKS:
            self.count(one.text)
        if one.name == "all":
            return True
        if one.network is not None:
            return self.address in one.network
        if one.name == "ptr" and self.counting:
            return False
        target = self.filled(one.domain, domain) if one.domain else domain
        match one.name:
            case "include":
                return self.included(one, target, depth)
            case "a":
                return self.among(target, one)
            case "mx":
                return self.among_mail_hosts(target, one)
            case "exists":
                return self.look(target, "A").found is Found.RECORDS
        return any(name == target or name.endswith(f".{target}") for name in self.mail.names())

    def included(self, one: Mechanism, target: str, depth: int) -> bool:
        result, _ = self.check(target, depth + 1, included=True) if is_name(target) else ("none", "")
        if result == "none":
            raise PermError(f"{one.text} leads to no SPF record")
        return result == "pass"

    def among(self, host: str, one: Mechanism, *, counts: bool = True) -> bool:
        length = one.four if self.address.version == 4 else one.six
        near = ipaddress.ip_network(f"{self.address}/{length}", strict=False)
        kind = "A" if self.address.version == 4 else "AAAA"
        return any(
            ipaddress.ip_address(value) in near for value in self.look(host, kind, counts=counts).values
        )

    def among_mail_hosts(self, target: str, one: Mechanism) -> bool:
        hosts = [host for _, host in mail_hosts(self.look(target, "MX")) if host]
        if len(hosts) > HOSTS:
            raise PermError(f"{one.text} names more than {HOSTS} mail servers")
        if self.counting:
            return False  # which of them are asked for is no matter of the count
        return any(self.among(host, one, counts=False) for host in hosts)

    def filled(self, text: str, domain: str) -> str:
        return macros.shortened(macros.fill(text, lambda letter: self.mail.value(letter, domain))).lower()

    def explain(self, record: Record, domain: str) -> str:
        """The text behind exp=, or nothing if anything about it is wrong (§6.2)."""
        if not record.explanation:
            return ""
        answer = self.resolver.ask(self.filled(record.explanation, domain), "TXT")
        try:
            (text,) = answer.values
            macros.check_text(text, explanation=True)
        except ValueError:
            return ""
        return macros.fill(text, lambda letter: self.mail.value(letter, domain))
