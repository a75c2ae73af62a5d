"""A domain where everything is right, and how a test changes one thing about it.

Lines are `name type value`; names are relative to northlight.example unless they end with a dot. A line that begins with `-`
takes away what matches: `- mail TXT`, or `- mail` for everything at that name.
"""

from datetime import timedelta
from functools import cache
from typing import Any

from tests.domains.zones import DnsServer
from webapp.db import utcnow
from webapp.domains.case import Case
from webapp.domains.lookup.resolver import Resolver
from webapp.domains.rules.findings import Finding
from webapp.domains.rules.table import RULES
from webapp.domains.subject import Key, Subject, Way
from webapp.mail.dkim.keys import Algorithm, PrivateKey
from webapp.mail.dkim.records import Record

ZONE, DOMAIN, ADDRESS = "northlight.example", "mail.northlight.example", "203.0.113.25"
READY = """
@ SOA ns1.northlight.example 7
@ NS ns1.northlight.example
@ MX 10 mx
@ TXT v=spf1 mx ~all
ns1 A 203.0.113.2
mx A 203.0.113.9
mail MX 10 mx
mail A 203.0.113.25
mail TXT v=spf1 ip4:203.0.113.25 include:_spf.desk.example. ~all
_spf.desk.example. TXT v=spf1 ip4:198.51.100.0/28 -all
op1._domainkey.mail TXT v=DKIM1; k=rsa; p={key}
_dmarc.mail TXT v=DMARC1; p=quarantine; rua=mailto:dmarc@northlight.example
smtp1 A 203.0.113.25
25.113.0.203.in-addr.arpa. PTR smtp1
go.mail CNAME mail
_smtp._tls.mail TXT v=TLSRPTv1; rua=mailto:tls@northlight.example
2.0.0.127.zen.spamhaus.org. A 127.0.0.2
2.0.0.127.bl.spamcop.net. A 127.0.0.2
2.0.0.127.psbl.surriel.com. A 127.0.0.2
test.dbl.spamhaus.org. A 127.0.1.2
"""
HOSTS = ("MX", "CNAME", "NS", "PTR")


@cache
def key() -> PrivateKey:
    return PrivateKey.make(Algorithm.RSA)


def signing_key(state: str = "active", days: int = 3, public: str = "", selector: str = "op1") -> Key:
    record = Record(DOMAIN, selector, Algorithm.RSA, public or key().public)
    return Key(record, state, utcnow() - timedelta(days=days))


OWN = Way(name="smtp1", kind="smtp", host=f"smtp1.{ZONE}", port=587, security="starttls")


def subject(**changes: Any) -> Subject:
    return Subject(**{"domain": DOMAIN, "way": OWN, "keys": (signing_key(),), **changes})


def zone_with(changes: str) -> str:
    """The lines of the ready zone after the changes, all absolute."""
    lines = [_absolute(line) for line in READY.strip().splitlines()]
    for change in filter(None, (line.strip() for line in changes.splitlines())):
        if change.startswith("- "):
            gone = _absolute(change[2:]).split()
            lines = [line for line in lines if line.split()[: len(gone)] != gone]
        else:
            lines.append(_absolute(change))
    return "\n".join(lines)


def _absolute(line: str) -> str:
    name, *rest = line.replace("{key}", key().public).split(None, 2)
    if len(rest) == 2 and rest[0] in HOSTS:
        *first, host = rest[1].split()
        rest[1] = " ".join([*first, _full(host)])
    if len(rest) == 2 and rest[0] == "TXT":
        rest[1] = rest[1].replace("desk.example. ", "desk.example ")
    return " ".join([_full(name), *rest])


def _full(name: str) -> str:
    if name == "@":
        return ZONE
    return name[:-1] if name.endswith(".") else f"{name}.{ZONE}"


def examine(server: DnsServer, rule: str, changes: str = "", **about: Any) -> Finding:
    """What one rule says to the changed zone."""
    server.fresh(zone_with(changes))
    resolver = Resolver(server.address, patience=(0.15,))
    return RULES[rule].examine(Case(subject(**about), resolver))
