"""D21, D23, D24, D27, D30: what shows care beyond the duty: encryption inwards, reports, DNSSEC, postmaster, plain names."""

import re
import unicodedata

import idna

from webapp.domains.case import Case
from webapp.domains.lookup.answers import Found, mail_hosts
from webapp.domains.rules.findings import Finding, found, not_needed, passed, unanswered, unknown
from webapp.domains.rules.smtp_talk import NotSpoken, greet
from webapp.domains.rules.table import MORE, rule
from webapp.verdict import Verdict

ONLY_NAMES = "Only the name server was asked; mail and web servers are not, with --resolver."


def _first_mail_host(case: Case) -> str:
    hosts = [host for _, host in mail_hosts(case.ask(case.domain, "MX")) if host]
    return hosts[0] if hosts else ""


@rule("D21", "Encryption inwards", MORE)
def mx_starttls(case: Case) -> Finding:
    """Your own mail server offers STARTTLS with a certificate for its name (RFC 7817)."""
    host = _first_mail_host(case)
    if not host:
        return not_needed("No mail server takes mail for this domain.")
    if case.net is None:
        return unknown(ONLY_NAMES)
    try:
        greeted = greet(case.net, host, 25)
    except NotSpoken as error:
        if error.certificate:
            return found(Verdict.WARN, str(error), remedy=error.hint)
        return unknown(f"We couldn’t find out: {error}", remedy="Port 25 may be closed from here.")
    if not greeted.tls:
        return found(
            Verdict.FAIL, f"{host} offers no encryption.", *greeted.said, remedy="Give it a certificate."
        )
    stranger = _by_another_name(case, host, greeted.name)
    if stranger:
        return found(
            Verdict.WARN, stranger, *greeted.said, remedy="Let the server greet with its full host name."
        )
    return passed(f"{host}: {greeted.tls}.", *greeted.said)


def _by_another_name(case: Case, host: str, name: str) -> str:
    """Why the name with which a server greets is neither its host name nor a reverse name of it; "" if it is one."""
    addresses = [value for answer in case.resolver.addresses(host) for value in answer.values]
    reverse = [case.resolver.names_of(address) for address in addresses[:3]]
    known = {host, *(value for answer in reverse for value in answer.values)}
    if name in known or any(not one.known for one in reverse):
        return ""
    return f"{host} is encrypted, but greets as {name or 'nobody'}, which is neither its name nor its reverse name."


@rule("D23", "Reports about encryption", MORE)
def tls_rpt(case: Case) -> Finding:
    """One record v=TLSRPTv1 with rua at _smtp._tls (RFC 8460 §3)."""
    name = f"_smtp._tls.{case.domain}"
    answer = case.ask(name, "TXT")
    if not answer.known:
        return unanswered(answer)
    records = [value for value in answer.values if re.match(r"v=TLSRPTv1\s*;", value)]
    paste = case.paste("TXT", name, f"v=TLSRPTv1; rua=mailto:tls@{case.organisation}")
    if len(records) > 1:
        return found(Verdict.FAIL, "There are several; receivers then take none.", answer, records=(paste,))
    if answer.values and not records:
        return found(Verdict.FAIL, "The record there is none of this kind.", answer, records=(paste,))
    if not records:
        return found(
            Verdict.WARN, "You get no reports when others can’t encrypt to you.", answer, records=(paste,)
        )
    if not re.search(r"rua\s*=\s*(mailto:[^@\s]+@\S+|https://\S+)", records[0]):
        return found(
            Verdict.FAIL, "Its rua is neither a mailto: nor an https: address.", answer, records=(paste,)
        )
    return passed("Reports are asked for.", answer)


@rule("D24", "DNSSEC", MORE)
def dnssec(case: Case) -> Finding:
    """Whether a validating resolver vouches for the zone; a bogus one is a failure, an unsigned one is not."""
    keys = case.ask(case.zone_of(case.domain), "DNSKEY")
    soa = case.soa_of(case.domain)
    if not keys.known or not soa.known:
        return unanswered(keys, soa)
    if soa.authentic:
        return passed("The zone is signed, and the resolver vouches for it.", soa)
    if keys.found is Found.RECORDS:
        words = "The zone is signed, but the resolver that was asked does not check signatures."
        return unknown(words, keys, remedy="Ask a validating resolver.")
    return found(Verdict.NOT_NEEDED, "The zone is not signed; nobody asks for that.", keys)


@rule("D27", "Postmaster and abuse", MORE)
def postmaster_abuse(case: Case) -> Finding:
    """postmaster@ and abuse@ take mail (RFC 2142); asked only of your own server, and no mail is sent."""
    host = _first_mail_host(case)
    if not host:
        return not_needed("No mail server takes mail for this domain.")
    if case.net is None:
        return unknown(ONLY_NAMES)
    boxes = tuple(f"{name}@{case.domain}" for name in ("postmaster", "abuse"))
    try:
        answers = greet(case.net, host, 25, ask_for=boxes).answers
    except NotSpoken as error:
        return unknown(f"We couldn’t find out: {error}", remedy="Port 25 may be closed from here.")
    refused = [box for box, code in answers.items() if code >= 500]
    if refused:
        words = f"{' and '.join(refused)} {'is' if len(refused) == 1 else 'are'} refused."
        return found(Verdict.FAIL, words, str(answers), remedy="Make an alias for each.")
    if any(code >= 400 or not code for code in answers.values()):
        return found(Verdict.WARN, "The server does not take them just now.", str(answers))
    return passed("Both take mail.", str(answers))


@rule("D30", "A plain name", MORE)
def lookalike(case: Case) -> Finding:
    """Names of mixed scripts look like somebody else’s (UTS #39 §5.2)."""
    names = [one for one in (case.domain, case.subject.tracking_host) if "xn--" in one]
    if not names:
        return passed("The name has Latin letters only.")
    for name in names:
        try:
            text = idna.decode(name)
        except idna.IDNAError:
            return found(Verdict.FAIL, f"{name} is not a valid international name.")
        for label in text.split("."):
            scripts = {_script(char) for char in label if char.isalpha()}
            if len(scripts) > 1 and not scripts <= _TOGETHER:
                return found(Verdict.WARN, f"{name} mixes scripts: {', '.join(sorted(scripts))}.", text)
            if scripts == {"CYRILLIC"} and all(char in _DOUBLES for char in label if char.isalpha()):
                return found(Verdict.FAIL, f"{name} looks like a name in Latin letters.", text)
    return passed("Each name keeps to one script.", *names)


_TOGETHER = {"CJK", "HIRAGANA", "KATAKANA", "LATIN", "BOPOMOFO", "HANGUL"}
_DOUBLES = frozenset("асеорхуіјѕԛԝһԁӏ")  # Cyrillic letters that look like Latin ones


def _script(char: str) -> str:
    return unicodedata.name(char, "UNKNOWN").partition(" ")[0]
