"""One domain under examination: the subject, the resolver, and what several rules ask for, worked out once."""

import ipaddress
from functools import cached_property, lru_cache

from publicsuffixlist import PublicSuffixList

from transports.net import Net
from webapp.domains.dmarc.walk import Walk, walk
from webapp.domains.lookup.answers import Answer, Found
from webapp.domains.lookup.resolver import Resolver
from webapp.domains.rules.findings import Paste, harmless
from webapp.domains.spf.evaluate import Outcome, check_host, survey
from webapp.domains.subject import Subject

# Behind these nobody on the internet sees an address; the documentation's own ranges are like any other here.
INSIDE = tuple(
    ipaddress.ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10"),
        *("0.0.0.0/8", "::1/128", "fc00::/7", "fe80::/10"),
    )
)


class Case:
    """`net` reaches web and mail servers; None where nothing but the name server may be asked."""

    def __init__(self, subject: Subject, resolver: Resolver, net: Net | None = None) -> None:
        self.subject, self.resolver, self.net = subject, resolver, net
        self._zones: dict[str, str] = {}

    @property
    def domain(self) -> str:
        return self.subject.domain

    def ask(self, name: str, kind: str) -> Answer:
        return self.resolver.ask(name, kind)

    def zone_of(self, name: str) -> str:
        """The zone in which a record of that name is kept: the nearest name upwards with an SOA record."""
        if name not in self._zones:
            self._zones[name] = self._apex(name) or registrable(name)
        return self._zones[name]

    def soa_of(self, name: str) -> Answer:
        """The SOA answer of the nearest name upwards that has one, else that of the name itself."""
        return self.ask(self._apex(name) or name, "SOA")

    def _apex(self, name: str) -> str:
        labels = name.split(".")
        for at in range(len(labels) - 1):
            above = ".".join(labels[at:])
            answer = self.ask(above, "SOA")
            if answer.found is Found.RECORDS and not answer.aliases:
                return above
        return ""

    def paste(self, kind: str, name: str, value: str, **more: object) -> Paste:
        return Paste(kind, name, self.zone_of(name), harmless(value), **more)  # type: ignore[arg-type]

    @cached_property
    def organisation(self) -> str:
        """The domain that somebody registered, by the Public Suffix List."""
        return registrable(self.domain)

    @cached_property
    def dmarc(self) -> Walk:
        return walk(self.resolver, self.domain)

    @cached_property
    def survey(self) -> Outcome:
        return survey(self.resolver, self.subject.envelope)

    @cached_property
    def egress_answers(self) -> list[Answer]:
        """The answers for the host through which mail leaves; its addresses are what receivers see."""
        way = self.subject.way
        if way.provider or not way.host or _is_address(way.host):
            return []
        return self.resolver.addresses(way.host)

    @cached_property
    def egress(self) -> list[str]:
        """The public addresses from which our own server sends; empty if they cannot be known from here."""
        host = self.subject.way.host
        values = [value for answer in self.egress_answers for value in answer.values]
        if not self.subject.way.provider and _is_address(host):
            values = [host]
        return [value for value in values if is_public(value)]

    @cached_property
    def spf(self) -> dict[str, Outcome]:
        """What receivers find for each address of `egress`."""
        helo = self.subject.way.helo or self.subject.way.host
        envelope = self.subject.envelope
        return {
            one: check_host(self.resolver, one, envelope, f"bounce@{envelope}", helo) for one in self.egress
        }

    def same_organisation(self, one: str, other: str) -> bool:
        return registrable(one) == registrable(other)


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(only_icann=True)


def registrable(name: str) -> str:
    """The name that somebody registered, such as example.co.uk; a public suffix stands for itself."""
    return str(_suffixes().privatesuffix(name) or name)


def is_public(text: str) -> bool:
    address = ipaddress.ip_address(text)
    return not any(address in network for network in INSIDE if network.version == address.version)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True
