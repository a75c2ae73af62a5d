"""D16–D20: the name of the sending server, forwards and backwards, and encryption on the way to it."""

import re

from webapp.domains.case import Case
from webapp.domains.lookup.answers import Found
from webapp.domains.rules.findings import Finding, found, not_needed, passed, unanswered, unknown
from webapp.domains.rules.smtp_talk import Greeted, NotSpoken, greet
from webapp.domains.rules.table import SERVER, rule
from webapp.verdict import Verdict

GENERIC = re.compile(
    r"(?:^|[.-])(dyn|dynamic|dhcp|pool|ppp|dsl|adsl|cable|dial|dialup|customer|client|static)(?:[.-]|\d|$)"
)
FEW_DAYS = 14
RELAYED = "Your provider’s servers send the mail; their names are his business."


def _no_address(case: Case) -> Finding | None:
    if case.subject.way.provider:
        return not_needed(RELAYED)
    if case.egress:
        return None
    silent = [answer for answer in case.egress_answers if not answer.known]
    if silent:
        return unanswered(*silent)
    remedy = "Choose under Email settings how mail leaves, then check again."
    return unknown("From which address your mail leaves can’t be seen from here.", remedy=remedy)


@rule("D16", "Reverse name", SERVER, blocking=True)
def ptr(case: Case) -> Finding:
    """Every sending address has a PTR record."""
    if (early := _no_address(case)) is not None:
        return early
    answers = {address: case.resolver.names_of(address) for address in case.egress}
    nameless = [address for address, answer in answers.items() if answer.missing]
    if nameless:
        helo = case.subject.way.helo or case.subject.way.host
        remedy = f"Ask whoever gave you {nameless[0]}: “Please set its reverse name (PTR) to {helo}.”"
        words = f"{nameless[0]} has no reverse name; Gmail refuses such servers (5.7.25)."
        return found(Verdict.FAIL, words, *answers.values(), remedy=remedy)
    if any(not one.known for one in answers.values()):
        return unanswered(*answers.values())
    address, answer = next(iter(answers.items()))
    return passed(f"{address} is {answer.values[0]}.", *answers.values())


@rule("D17", "And back again", SERVER, blocking=True)
def fcrdns(case: Case) -> Finding:
    """The reverse name leads back to the address (iprev of RFC 8601 §2.7.3)."""
    if (early := _no_address(case)) is not None:
        return early
    verdicts = []
    evidence = []
    for address in case.egress:
        names = case.resolver.names_of(address)
        kind = "AAAA" if ":" in address else "A"
        forward = [case.ask(name, kind) for name in names.values[:5]]
        evidence += [names, *forward]
        if not names.known or any(not one.known for one in forward):
            return unanswered(names, *forward)
        if not names.values:
            return not_needed("Without a reverse name there is nothing that could lead back.")
        if not any(address in one.values for one in forward):
            paste = case.paste(kind, names.values[0], address)
            words = f"{names.values[0]}, the name of {address}, does not lead back to it."
            return found(Verdict.FAIL, words, *evidence, records=(paste,))
        verdicts.append(len(names.values))
    if max(verdicts) > 1:
        return found(Verdict.WARN, "An address has several reverse names; one is enough.", *evidence)
    return passed("The reverse name leads back to the address.", *evidence)


@rule("D18", "A name of your own", SERVER)
def ptr_generic(case: Case) -> Finding:
    """A name that spells the address, or says “dynamic”, looks like a hijacked home computer."""
    if (early := _no_address(case)) is not None:
        return early
    answers = [case.resolver.names_of(address) for address in case.egress]
    if any(not one.known for one in answers):
        return unanswered(*answers)
    if not any(one.values for one in answers):
        return not_needed("There is no reverse name to judge.")
    for address, answer in zip(case.egress, answers, strict=True):
        generic = next((name for name in answer.values if _is_generic(name, address)), "")
        if generic:
            remedy = "Ask whoever gave you the address for a reverse name such as mail.example.com."
            return found(Verdict.WARN, f"{generic} looks like a line of a home.", *answers, remedy=remedy)
    return passed("The reverse name is one of your own.", *answers)


def _is_generic(name: str, address: str) -> bool:
    if GENERIC.search(name):
        return True
    if ":" in address:
        return False
    parts = [int(part) for part in re.findall(r"\d+", name)]
    octets = [int(part) for part in address.split(".")]
    spelt = sum(1 for octet in octets if octet in parts)
    return spelt >= 3 or "".join(f"{octet:03d}" for octet in octets) in name or bytes(octets).hex() in name


@rule("D19", "Greeting", SERVER)
def helo(case: Case) -> Finding:
    """The server greets with a full host name that resolves and is its reverse name (RFC 5321 §4.1.1.1)."""
    if case.subject.way.provider:
        return not_needed(RELAYED)
    name = case.subject.way.helo or case.subject.way.host
    if not name:
        return unknown("With which name your server greets can’t be seen from here.")
    fix = "Set “helo name” of the mail server to its full host name."
    if (
        "." not in name.strip(".")
        or name.replace(".", "").isdigit()
        or name.endswith((".local", ".localdomain"))
    ):
        return found(Verdict.FAIL, f"“{name}” is not the full name of a host.", remedy=fix)
    answers = case.resolver.addresses(name)
    if not any(one.found is Found.RECORDS for one in answers):
        if any(not one.known for one in answers):
            return unanswered(*answers)
        records = tuple(case.paste("A", name, one) for one in case.egress if ":" not in one)
        return found(Verdict.FAIL, f"{name} has no address.", *answers, remedy=fix, records=records[:1])
    names = [case.resolver.names_of(address) for address in case.egress]
    if any(not one.known for one in names):
        return unanswered(*names)
    if not names:
        return unknown(f"{name} resolves; from which address mail leaves can’t be seen from here.", *answers)
    if any(name not in one.values for one in names):
        words = f"{name} resolves, but is not the reverse name of the server."
        return found(Verdict.WARN, words, *answers, *names, remedy=fix)
    return passed(f"EHLO {name} matches the reverse name.", *answers, *names)


@rule("D20", "Encryption to the mail server", SERVER, blocking=True)
def tls_to_relay(case: Case) -> Finding:
    """TLS 1.2 or newer with a certificate that is verified (RFC 8314, 3207)."""
    way = case.subject.way
    if way.kind == "ses":
        return not_needed("The service is reached by https, always verified.")
    if not way.host or not way.port:
        return not_needed("Mail leaves through no mail server yet.")
    if case.net is None:
        return unknown("Only the name server was asked; mail servers are not, with --resolver.")
    if way.security == "none":
        words = "User name, password and mail go in the clear."
        return found(Verdict.FAIL, words, remedy="Choose STARTTLS (587) or TLS (465) under Email settings.")
    try:
        greeted = greet(case.net, way.host, way.port, implicit=way.security == "tls", ca_pem=way.ca_pem)
    except NotSpoken as error:
        if error.certificate:
            return found(Verdict.FAIL, str(error), remedy=error.hint)
        return unknown(f"We couldn’t find out: {error}", remedy=error.hint)
    return _encrypted(greeted)


def _encrypted(greeted: Greeted) -> Finding:
    if not greeted.tls:
        words = "The server offers no encryption; a password would go in the clear."
        return found(Verdict.FAIL, words, *greeted.said, remedy="Use another port or another server.")
    if greeted.days_left is not None and greeted.days_left < FEW_DAYS:
        words = f"{greeted.tls}, but the certificate ends in {greeted.days_left} days."
        return found(Verdict.WARN, words, *greeted.said, remedy="Renew the certificate.")
    left = (
        f", certificate valid for another {greeted.days_left} days" if greeted.days_left is not None else ""
    )
    return passed(f"{greeted.tls}{left}.", *greeted.said)
