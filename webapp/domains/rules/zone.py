"""D28, D29: the host of tracked links, and the zone itself: aliases beside records, doubled names, name servers at odds."""

from webapp.domains.case import Case
from webapp.domains.lookup.answers import Answer, Found
from webapp.domains.lookup.resolver import Resolver
from webapp.domains.rules import mistakes
from webapp.domains.rules.fetching import NotFetched, fetched
from webapp.domains.rules.findings import Finding, found, not_needed, passed, unanswered, unknown
from webapp.domains.rules.table import DOMAIN, rule
from webapp.verdict import Verdict

DAY = 86_400
PAGE_BYTES = 64 * 1024


@rule("D28", "Tracking address", DOMAIN)
def tracking_domain(case: Case) -> Finding:
    """Tracked links lead through a host below your own domain, by https."""
    host = case.subject.tracking_host
    if not host:
        return not_needed("No tracking address is set; links are not rewritten.")
    answers = case.resolver.addresses(host)
    if not any(one.found is Found.RECORDS for one in answers):
        if any(not one.known for one in answers):
            return unanswered(*answers)
        words = f"{host} does not exist: every tracked link would be dead."
        remedy = "Point it to the machine on which Offerpost runs."
        return found(Verdict.FAIL, words, *answers, remedy=remedy)
    if not case.same_organisation(host, case.domain):
        words = f"{host} is not below {case.organisation}; links to a stranger’s domain look like phishing."
        remedy = f"Use a host such as go.{case.domain}."
        return found(Verdict.WARN, words, *answers, remedy=remedy)
    if case.net is None:
        return unknown("It exists; https was not tried, only the name server was asked.", *answers)
    url = f"https://{host}/health"
    try:
        body = fetched(
            case.net, url, f"The page of {host}", *(one.evidence for one in answers), largest=PAGE_BYTES
        )
    except NotFetched as error:
        return error.finding
    if b'"sender"' not in body:
        words = f"{host} answers by https, but not as Offerpost does: its links may lead nowhere."
        return found(Verdict.WARN, words, f"GET {url}", *answers, remedy="Let the name lead to this program.")
    return passed(f"{host} leads here by https.", f"GET {url}", *answers)


@rule("D29", "The zone", DOMAIN)
def dns_hygiene(case: Case) -> Finding:
    """No alias beside other records, no doubled names, name servers that agree, and a TTL that lets you correct things."""
    beside = _beside_alias(case)
    if beside is not None:
        return beside
    doubled = _doubled(case)
    if doubled is not None:
        return doubled
    texts = case.ask(case.domain, "TXT")
    mx = case.ask(case.domain, "MX")
    if not texts.known and not mx.known:
        return unanswered(texts, mx)
    serials = _serials(case)
    if len({value for answer in serials for value in answer.values}) > 1:
        words = "The name servers of the zone hold different versions of it; answers depend on chance."
        remedy = "Wait some minutes after a change; if it stays so, ask your DNS provider."
        return found(Verdict.FAIL, words, *serials, remedy=remedy)
    slow = [answer for answer in (texts, mx) if answer.ttl > DAY]
    if slow:
        words = (
            f"The records are kept elsewhere for {slow[0].ttl // 3600} hours, so a correction takes as long."
        )
        return found(Verdict.WARN, words, *slow, remedy="Lower the TTL to 3600 while you set things up.")
    return passed("No alias, no doubled name, no contradiction.", texts, mx, *serials)


def _beside_alias(case: Case) -> Finding | None:
    names = [case.domain, f"_dmarc.{case.domain}", *(key.record.name for key in case.subject.keys)]
    for name in names:
        alias = case.ask(name, "CNAME")
        if alias.found is not Found.RECORDS:
            continue
        others = [case.ask(name, kind) for kind in ("TXT", "MX", "SOA")]
        own = [answer for answer in others if answer.found is Found.RECORDS and not answer.aliases]
        if own:
            words = f"{name} is an alias (CNAME) and has other records too, which is not allowed: servers pick either."
            remedy = f"Delete the CNAME at {name}; give it an A record instead."
            return found(Verdict.FAIL, words, alias, *own, remedy=remedy, mistake="CNAME beside others")
        if "circle" in "".join(answer.why for answer in others):
            words = f"{name} is an alias that leads back to itself."
            remedy = f"Delete the CNAME at {name}."
            return found(Verdict.FAIL, words, alias, *others, remedy=remedy, mistake="CNAME loop")
    return None


def _doubled(case: Case) -> Finding | None:
    """Records at names like mail.example.com.example.com."""
    wanted = [(case.domain, "v=spf1"), (f"_dmarc.{case.domain}", "v=DMARC1")]
    wanted += [(key.record.name, "v=DKIM1") for key in case.subject.keys]
    for name, tag in wanted:
        mistake = mistakes.misplaced(case, name, tag)
        if mistake is not None and mistake.name == "doubled zone name":
            return found(Verdict.FAIL, mistake.words, *_hits(case, name), mistake=mistake.name)
    zone = case.zone_of(case.domain)
    answers = [case.ask(f"{case.domain}.{zone}", kind) for kind in ("MX", "A")]
    wild = [case.ask(f"no-such-name-here.{zone}", kind) for kind in ("MX", "A")]
    hits = [
        one for one, other in zip(answers, wild, strict=True) if one.values and one.values != other.values
    ]
    if hits:
        short = case.domain.removesuffix(f".{zone}") if case.domain != zone else "@"
        words = f"There are records at {case.domain}.{zone}: your DNS provider appends {zone} by itself."
        return found(
            Verdict.FAIL,
            words,
            *hits,
            remedy=f"Enter only “{short}” as their name.",
            mistake="doubled zone name",
        )
    return None


def _hits(case: Case, name: str) -> list[Answer]:
    return [answer for answer in case.resolver.asked if answer.name.startswith(name) and answer.values]


def _serials(case: Case) -> list[Answer]:
    """What up to three of the zone's own name servers say of its version; nothing where only one server may be asked."""
    if case.resolver.alone:
        return []
    zone = case.zone_of(case.domain)
    answers = []
    for host in case.ask(zone, "NS").values[:3]:
        for address in case.ask(host, "A").values[:1]:
            one = Resolver((address, 53), budget=case.resolver.budget, patience=(1.0,)).ask(zone, "SOA")
            answers += [one] if one.found is Found.RECORDS else []
    return answers
