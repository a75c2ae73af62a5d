"""M13, second half: the hosts of the links exist."""

from urllib.parse import urlsplit

from webapp.domains.lookup.resolver import Budget, Resolver
from webapp.mail.check import Finding, Mail
from webapp.mail.check.finding import fails, not_needed, passed, seen, unknown

MOST = 12
SECONDS, QUERIES = 5.0, 40


def exist(server: tuple[str, int] | None, mails: list[Mail]) -> Finding:
    """Ask the DNS for each host of each link. Only a clear “no such name” is a fail."""
    hosts = list(dict.fromkeys(host for mail in mails for host in _hosts(mail)))[:MOST]
    if not hosts:
        return not_needed("There are no links.")
    resolver = Resolver(server, budget=Budget(SECONDS, QUERIES))
    gone: list[str] = []
    silent: list[str] = []
    for host in hosts:
        answers = resolver.addresses(host)
        if any(one.values for one in answers):
            continue
        (gone if all(one.missing for one in answers) else silent).append(host)
    if gone:
        places = [seen("HTML", 0, host) for host in gone]
        return fails(f"The DNS does not know {', '.join(gone)}.", "Correct the links.", *places)
    if silent:
        return unknown(f"The DNS did not answer about {', '.join(silent)}.", "Check again later.")
    return passed(f"The DNS knows {'its host' if len(hosts) == 1 else f'all {len(hosts)} hosts'}.")


def _hosts(mail: Mail) -> list[str]:
    found = []
    for link in mail.shown.links:
        try:
            parts = urlsplit(link.href[:2000])
            host = (parts.hostname or "").encode("idna").decode() if parts.scheme in ("http", "https") else ""
        except (ValueError, UnicodeError):
            continue
        if host and not host.replace(".", "").isdecimal() and ":" not in host:
            found.append(host)
    return found
