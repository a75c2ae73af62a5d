"""D26: a short list of respected blocklists. Each proves first that it answers us honestly (RFC 5782 §5)."""

import ipaddress
from dataclasses import dataclass

from webapp.domains.case import Case
from webapp.domains.lookup.answers import Answer, Found
from webapp.domains.lookup.resolver import reverse_name
from webapp.domains.rules.findings import Finding, found, passed, unknown
from webapp.domains.rules.table import MORE, rule
from webapp.verdict import Verdict

REFUSED = "127.255.255."  # “you ask through a public resolver”, “too often”, “typing error”: no listing
PUBLIC_RESOLVERS = ("8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "208.67.222.222")


@dataclass(frozen=True)
class Blocklist:
    """`test` is a name that must be listed, `clean` one that must not; `minor` are answers that are no accusation."""

    zone: str
    names: bool
    delisting: str
    test: str
    clean: str
    minor: frozenset[str] = frozenset()


LISTS = (
    Blocklist(
        "zen.spamhaus.org",
        False,
        "https://check.spamhaus.org/",
        "2.0.0.127",
        "1.0.0.127",
        frozenset({"127.0.0.10", "127.0.0.11"}),
    ),
    Blocklist("bl.spamcop.net", False, "https://www.spamcop.net/bl.shtml", "2.0.0.127", "1.0.0.127"),
    Blocklist("psbl.surriel.com", False, "https://psbl.org/remove", "2.0.0.127", "1.0.0.127"),
    Blocklist("dbl.spamhaus.org", True, "https://check.spamhaus.org/", "test", "example.com"),
)


@rule("D26", "Blocklists", MORE)
def blocklists(case: Case) -> Finding:
    """Sending addresses, the From domain and the tracking host on lists that receivers really use."""
    if any(host.partition(":")[0] in PUBLIC_RESOLVERS for host in _servers(case)):
        words = "The lists do not answer the public resolver that this machine asks, so we can’t say."
        return unknown(words, remedy="Ask from your own resolver.")
    hits, silent, evidence = [], [], []
    for each in LISTS:
        if not _honest(case, each):
            silent.append(each.zone)
            continue
        for subject, name in _subjects(case, each):
            answer = case.ask(f"{name}.{each.zone}", "A")
            evidence.append(answer)
            if not answer.known or any(value.startswith(REFUSED) for value in answer.values):
                silent.append(each.zone)
            elif answer.found is Found.RECORDS:
                hits.append((each, subject, answer))
    return _judged(hits, silent, evidence)


def _judged(hits: list[tuple[Blocklist, str, Answer]], silent: list[str], evidence: list[Answer]) -> Finding:
    if hits:
        words = " ".join(f"{subject} is on {each.zone}." for each, subject, _ in hits)
        minor = all(set(answer.values) <= each.minor for each, _, answer in hits)
        remedy = f"Find out what sent the spam, stop it, then ask at {hits[0][0].delisting}."
        return found(Verdict.WARN if minor else Verdict.FAIL, words, *evidence, remedy=remedy)
    if silent:
        words = f"{', '.join(dict.fromkeys(silent))} did not answer us honestly, so we can’t say."
        return unknown(words, *evidence, remedy="Ask from your own resolver.")
    return passed("On none of the lists that count.", *evidence)


def _servers(case: Case) -> set[str]:
    return {answer.server for answer in case.resolver.asked}


def _honest(case: Case, each: Blocklist) -> bool:
    listed = case.ask(f"{each.test}.{each.zone}", "A")
    clean = case.ask(f"{each.clean}.{each.zone}", "A")
    honest = any(value.startswith("127.0.") for value in listed.values)
    return honest and clean.missing


def _subjects(case: Case, each: Blocklist) -> list[tuple[str, str]]:
    if each.names:
        hosts = dict.fromkeys(filter(None, (case.domain, case.organisation, case.subject.tracking_host)))
        return [(host, host) for host in hosts]
    addresses = [one for one in case.egress if ipaddress.ip_address(one).version == 4]
    return [(one, reverse_name(one).removesuffix(".in-addr.arpa")) for one in addresses]
