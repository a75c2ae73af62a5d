"""One check of one domain: every rule, one after the other, under one budget."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from transports.net import Net
from webapp.domains.case import Case
from webapp.domains.lookup.resolver import Resolver
from webapp.domains.rules import dkim, dmarc, extras, lists, place, policies, server, spf, zone
from webapp.domains.rules.findings import Finding, unknown
from webapp.domains.rules.table import RULES, Rule
from webapp.domains.subject import Subject
from webapp.verdict import Verdict

__all__ = [
    "Checked",
    "check",
    "dkim",
    "dmarc",
    "extras",
    "lists",
    "place",
    "policies",
    "server",
    "spf",
    "zone",
]

log = logging.getLogger("offerpost.domains")

# What matters most is asked first, in case the budget ends: permission, then server and domain, then the extras.
LATE = ("D21", "D22", "D23", "D24", "D25", "D26", "D27", "D30")
LAST_RESORT = "A fault of ours stopped this rule; the operator finds the cause in the log."


@dataclass(frozen=True)
class Checked:
    rule: Rule
    finding: Finding


def check(subject: Subject, resolver: Resolver, net: Net | None = None) -> list[Checked]:
    """The finding of every rule in the order of their ids. Never raises, whatever the DNS answers."""
    case = Case(subject, resolver, net)
    resolver.prefetch(_first_questions(subject))
    order = sorted(RULES.values(), key=lambda one: (one.id in LATE, one.id))
    found = [Checked(one, _examined(one, case)) for one in order]
    return sorted(found, key=lambda one: one.rule.id)


def ready(found: list[Checked]) -> bool:
    return all(one.finding.verdict is not Verdict.FAIL for one in found)


def _examined(one: Rule, case: Case) -> Finding:
    try:
        return one.examine(case)
    except Exception:
        log.exception("rule %s failed", one.id)
        return unknown(LAST_RESORT)


def _first_questions(subject: Subject) -> Iterator[tuple[str, str]]:
    for name in dict.fromkeys((subject.domain, subject.envelope)):
        yield from ((name, kind) for kind in ("TXT", "MX", "A", "AAAA", "SOA", "CNAME"))
    yield f"_dmarc.{subject.domain}", "TXT"
    for key in subject.keys:
        yield key.record.name, "TXT"
    for kind in ("A", "AAAA"):
        for host in (subject.way.host, subject.tracking_host):
            if host:
                yield host, kind
    for zone_name in (*subject.way.includes,):
        yield zone_name, "TXT"
