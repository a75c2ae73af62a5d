"""D01–D04, D31: which domain mail comes from, whether it exists, and whether answers and bounces find their way back."""

import ipaddress

from webapp.domains.case import Case, is_public
from webapp.domains.lookup.answers import Answer, Found, mail_hosts
from webapp.domains.rules.findings import Finding, Paste, found, not_needed, passed, unanswered
from webapp.domains.rules.table import DOMAIN, rule
from webapp.verdict import Verdict

FREE_MAIL = frozenset(
    """
    gmail.com googlemail.com yahoo.com ymail.com aol.com outlook.com hotmail.com live.com msn.com icloud.com me.com
    mac.com gmx.com gmx.net gmx.de web.de mail.com mail.ru yandex.com yandex.ru proton.me protonmail.com zoho.com
    t-online.de free.fr orange.fr laposte.net libero.it qq.com 163.com 126.com
    """.split()  # noqa: SIM905 - a list of forty lines says no more
)


def is_free_mail(domain: str) -> bool:
    return domain in FREE_MAIL or domain.startswith(("yahoo.co.", "hotmail.co.", "live.co."))


@rule("D01", "Own sub-domain", DOMAIN)
def dedicated_subdomain(case: Case) -> Finding:
    """A sub-domain of its own keeps the reputation of people’s mail apart from that of announcements."""
    if is_free_mail(case.domain):
        return found(
            Verdict.FAIL, f"{case.domain} is a free mail service, not a domain of yours.", remedy=_OWN
        )
    if case.domain == case.organisation:
        return found(
            Verdict.WARN,
            f"{case.domain} is also where your people’s mail comes from; a bad week would hurt both.",
            remedy=f"Send from mail.{case.domain}, and keep people’s mail on {case.domain}.",
        )
    return passed(f"{case.domain} is a sub-domain of {case.organisation}.")


_OWN = "Register a domain, and send from a sub-domain of it such as mail.example.com."


@rule("D02", "The domain exists", DOMAIN, blocking=True)
def from_domain_exists(case: Case) -> Finding:
    """Receivers look for A, AAAA or MX at the From and the envelope domain, and for the SOA above (RFC 5321 §5.1)."""
    evidence: list[Answer] = []
    for name in dict.fromkeys((case.domain, case.subject.envelope)):
        mx, *_ = answers = [case.ask(name, "MX"), *case.resolver.addresses(name)]
        evidence += answers
        if mx.found is Found.RECORDS and all(not host for _, host in mail_hosts(mx)):
            words = f"{name} says with a null MX record that it takes no mail; receivers refuse mail from it."
            return found(Verdict.FAIL, words, *evidence, remedy=_GIVE_MX, records=(_mx(case, name),))
        if any(one.found is Found.RECORDS for one in answers):
            continue
        if any(not one.known for one in answers):
            return unanswered(*answers)
        if mx.found is Found.NXDOMAIN:
            words = f"{name} does not exist in the DNS."
            return found(Verdict.FAIL, words, *evidence, remedy=_GIVE_MX, records=_there(case, name))
        words = f"{name} has neither an address nor a mail server."
        return found(Verdict.WARN, words, *evidence, remedy=_GIVE_MX, records=_there(case, name))
    soa = case.soa_of(case.domain)
    if not soa.known:
        return unanswered(soa)
    if soa.missing:
        return found(
            Verdict.WARN,
            f"No SOA record was found at or above {case.domain}; Yahoo looks for one.",
            *evidence,
            soa,
            remedy="Your DNS provider makes it with the zone; ask there.",
        )
    return passed(
        f"{case.domain} has an address or a mail server, and its zone is {soa.name}.", *evidence, soa
    )


_GIVE_MX = "Give it a mail server, so that answers and bounces arrive."


def _mail_server(case: Case, name: str) -> str:
    """Where mail for a name should go: to the organisation’s own mail server, if it has one."""
    hosts = [host for _, host in mail_hosts(case.ask(case.organisation, "MX")) if host]
    return hosts[0] if hosts else f"mx.{case.zone_of(name)}"


def _mx(case: Case, name: str) -> Paste:
    return case.paste("MX", name, f"10 {_mail_server(case, name)}", note="The server that takes your mail.")


def _there(case: Case, name: str) -> tuple[Paste, ...]:
    addresses = [one for one in case.egress if ":" not in one][:1]
    return (*(case.paste("A", name, one) for one in addresses), _mx(case, name))


@rule("D03", "Mail servers", DOMAIN)
def mx_sane(case: Case) -> Finding:
    """MX names are host names with public addresses, no aliases, no numbers (RFC 5321 §5.1, RFC 2181 §10.3)."""
    domains = dict.fromkeys((case.domain, case.subject.reply_domain or case.domain))
    judged = [_mail_servers_of(case, name) for name in domains]
    order = [Verdict.FAIL, Verdict.UNKNOWN, Verdict.WARN, Verdict.PASS]
    return min(judged, key=lambda one: order.index(one.verdict))


def _mail_servers_of(case: Case, name: str) -> Finding:
    answer = case.ask(name, "MX")
    if not answer.known:
        return unanswered(answer)
    hosts = [host for _, host in mail_hosts(answer)]
    if hosts == [""]:
        words = f"{name} takes no mail (null MX): answers of affiliates would be lost."
        return found(Verdict.FAIL, words, answer, remedy=_GIVE_MX, records=(_mx(case, name),))
    if not hosts:
        return _without_mx(case, name, answer)
    troubles = {host: _trouble(case, host) for host in hosts}
    evidence = [answer, *(one for host in hosts for one in case.resolver.addresses(host))]
    bad = {host: words for host, words in troubles.items() if words}
    if not bad and len(set(hosts)) == len(hosts):
        return passed(f"Mail for {name} goes to {hosts[0]}.", *evidence)
    if any(words == _SILENT for words in bad.values()) and len(bad) == len(hosts):
        return unanswered(*[one for one in evidence if not one.known])
    words = (
        " ".join(f"{host or 'The root'} {words}." for host, words in bad.items()) or "One stands there twice."
    )
    dead = len([one for one in bad.values() if one != _ALIAS]) == len(hosts)
    return found(
        Verdict.FAIL if dead else Verdict.WARN,
        f"Mail servers of {name}: {words}",
        *evidence,
        remedy="Name a host that has an A record of its own.",
        records=(_mx(case, name),) if dead else (),
    )


_SILENT = "could not be looked up"
_ALIAS = "is an alias (CNAME), which an MX record must not name"


def _trouble(case: Case, host: str) -> str:
    if not host:
        return "is no host"
    if _is_number(host):
        return "is an address; an MX record needs a name"
    answers = case.resolver.addresses(host)
    values = [value for one in answers for value in one.values]
    if not values:
        return _SILENT if any(not one.known for one in answers) else "has no address"
    if not any(is_public(value) for value in values):
        return f"has only a private address, {values[0]}"
    return _ALIAS if any(one.aliases for one in answers) else ""


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _without_mx(case: Case, name: str, answer: Answer) -> Finding:
    addresses = case.resolver.addresses(name)
    if any(one.found is Found.RECORDS for one in addresses):
        words = f"{name} has no MX record; mail falls back to its address, which not every server does."
        return found(Verdict.WARN, words, answer, *addresses, remedy=_GIVE_MX, records=(_mx(case, name),))
    if any(not one.known for one in addresses):
        return unanswered(*addresses)
    words = f"{name} has no mail server: answers of affiliates would be lost."
    return found(Verdict.FAIL, words, answer, *addresses, remedy=_GIVE_MX, records=(_mx(case, name),))


@rule("D04", "Bounces come back", DOMAIN)
def bounce_domain(case: Case) -> Finding:
    """The envelope domain has an MX record: to the bounce mailbox, or to what the provider names (RFC 5321 §4.4)."""
    name = case.subject.envelope
    answer = case.ask(name, "MX")
    wanted = [one for one in case.subject.way.expects if one.type == "MX"]
    if not answer.known:
        return unanswered(answer)
    for one in wanted:
        if not any(one.contains in value for value in case.ask(one.name, "MX").values):
            paste = case.paste("MX", one.name, f"10 {one.contains}", note=one.why)
            verdict = Verdict.WARN if answer.values or not one.required else Verdict.FAIL
            return found(verdict, f"{one.name} does not lead to {one.contains}.", answer, records=(paste,))
    hosts = [host for _, host in mail_hosts(answer) if host]
    if hosts:
        return passed(f"Bounces to {name} go to {hosts[0]}.", answer)
    addresses = case.resolver.addresses(name)
    if any(one.found is Found.RECORDS for one in addresses):
        words = f"{name} has no MX record; bounces find their way only by its address."
        return found(Verdict.WARN, words, answer, *addresses, remedy=_GIVE_MX, records=(_mx(case, name),))
    if any(not one.known for one in addresses):
        return unanswered(*addresses)
    words = f"Nothing takes mail for {name}, so bounces are lost and dead addresses stay on your list."
    return found(Verdict.FAIL, words, answer, *addresses, remedy=_GIVE_MX, records=(_mx(case, name),))


@rule("D31", "Not a free mail address", DOMAIN, blocking=True)
def freemail_from(case: Case) -> Finding:
    """Mail from gmail.com that Gmail did not send is refused by Gmail’s own policy, and by everybody else."""
    if is_free_mail(case.domain):
        words = f"Mail from {case.domain} may only come from its own servers: receivers refuse yours."
        return found(Verdict.FAIL, words, remedy=_OWN)
    return passed(f"{case.domain} is not a free mail service.") if case.domain else not_needed("No domain.")
