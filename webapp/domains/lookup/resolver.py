"""Asks name servers: one budget of time and queries for a whole check, a cache, and never a wrong “no”.

A time-out, SERVFAIL or refusal is *unknown*. Aliases are followed here too, since a server on its own does not.
"""

import ipaddress
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.reversename
from dns.rdata import Rdata

from webapp.db import utcnow
from webapp.domains.lookup.answers import Answer, Found

SECONDS, QUERIES = 10.0, 200  # for one check of one domain
PATIENCE = (1.5, 2.5)  # seconds for the first and the second try of a question
ALIASES = 8  # CNAME records followed for one question
KEPT = 60  # records of one answer
LONGEST = 65_535  # characters of one answer; DNS itself ends there
AT_ONCE = 8
PAYLOAD = 1232  # bytes over UDP that are not fragmented on the way; more comes by TCP


@dataclass
class Budget:
    """What is left of the time and the queries of one check."""

    seconds: float = SECONDS
    queries: int = QUERIES
    started: float = field(default_factory=time.monotonic)

    def remaining(self) -> float:
        return self.seconds - (time.monotonic() - self.started)


class Resolver:
    """One for each check. `server` is the only one asked when it is given, else those of this machine."""

    def __init__(
        self,
        server: tuple[str, int] | None = None,
        *,
        budget: Budget | None = None,
        patience: tuple[float, ...] = PATIENCE,
    ) -> None:
        self.alone = server is not None
        self.budget = budget or Budget()
        self.asked: list[Answer] = []
        self._servers = [server] if server else _of_this_machine()
        self._patience = patience
        self._cache: dict[tuple[str, str], Answer] = {}
        self._lock = threading.Lock()

    def ask(self, name: str, kind: str) -> Answer:
        """The records of that name and type (A, AAAA, MX, TXT, CNAME, NS, SOA, PTR, …)."""
        name = name.strip().lower().rstrip(".")
        with self._lock:
            kept = self._cache.get((name, kind))
        if kept is not None:
            return kept
        answer = self._followed(name, kind)
        with self._lock:
            if (name, kind) not in self._cache:
                self.asked.append(answer)
            return self._cache.setdefault((name, kind), answer)

    def addresses(self, host: str) -> list[Answer]:
        """The A and AAAA answers of a host."""
        return [self.ask(host, "A"), self.ask(host, "AAAA")]

    def names_of(self, address: str) -> Answer:
        """The PTR answer of an IP address."""
        return self.ask(reverse_name(address), "PTR")

    def prefetch(self, questions: Iterable[tuple[str, str]]) -> None:
        """Ask several at once, so that later questions are answered from memory."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda question: self.ask(*question), dict.fromkeys(questions)))

    def _followed(self, name: str, kind: str) -> Answer:
        answer, seen = self._one(name, kind), [name]
        target = answer.aliases[-1] if answer.aliases and answer.missing else ""
        while target:
            if target in seen or len(seen) > ALIASES:
                chain = " → ".join([*seen, target][:4])
                return replace(answer, found=Found.UNKNOWN, why=f"the aliases go in a circle: {chain}")
            seen.append(target)
            further = self._one(target, kind)
            answer = replace(further, name=name, aliases=(*answer.aliases, *further.aliases))
            target = further.aliases[-1] if further.aliases and further.missing else ""
        return answer

    def _one(self, name: str, kind: str) -> Answer:
        try:
            question = dns.message.make_query(
                dns.name.from_text(name), kind, use_edns=0, payload=PAYLOAD, want_dnssec=False
            )
            question.flags |= dns.flags.AD
        except (dns.exception.DNSException, UnicodeError):
            return Answer(name, kind, Found.NXDOMAIN, why="this cannot be the name of anything", at=utcnow())
        why, server = "there is no name server to ask", ""
        for patience in self._patience:
            for host, port in self._servers:
                server = f"{host}:{port}" if port != 53 else host
                if not self._spend():
                    return Answer(name, kind, Found.UNKNOWN, why="the budget of this check is spent")
                began = time.monotonic()
                try:
                    reply = self._exchange(question, host, port, min(patience, self.budget.remaining()))
                    return _read(name, kind, reply, server, round((time.monotonic() - began) * 1000))
                except Unanswered as error:
                    why = str(error)
        return Answer(name, kind, Found.UNKNOWN, why=why, server=server, at=utcnow())

    def _exchange(
        self, question: dns.message.Message, host: str, port: int, seconds: float
    ) -> dns.message.Message:
        try:
            reply, _tcp = dns.query.udp_with_fallback(
                question, host, timeout=max(seconds, 0.01), port=port, ignore_unexpected=True
            )
        except dns.exception.Timeout:
            raise Unanswered("the name server did not answer in time") from None
        except (dns.exception.DNSException, OSError, EOFError, ValueError) as error:
            raise Unanswered(f"the answer could not be read ({type(error).__name__})") from None
        if reply.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            raise Unanswered(f"the name server said {dns.rcode.to_text(reply.rcode())}")
        return reply

    def _spend(self) -> bool:
        with self._lock:
            if self.budget.queries <= 0 or self.budget.remaining() <= 0:
                return False
            self.budget.queries -= 1
            return True


class Unanswered(Exception):
    """Nobody could say."""


def reverse_name(address: str) -> str:
    return dns.reversename.from_address(address).to_text(omit_final_dot=True)


def _of_this_machine() -> list[tuple[str, int]]:
    try:
        system = dns.resolver.Resolver()
    except (dns.exception.DNSException, OSError):
        return []
    return [(str(server), system.port) for server in system.nameservers[:2] if _is_address(str(server))]


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _read(name: str, kind: str, reply: dns.message.Message, server: str, took_ms: int) -> Answer:
    wanted = dns.rdatatype.from_text(kind)
    here, ttl = dns.name.from_text(name), 0
    aliases: list[str] = []
    values: list[str] = []
    sets = {(one.name, one.rdtype): one for one in reply.answer}
    while wanted != dns.rdatatype.CNAME and (here, dns.rdatatype.CNAME) in sets and len(aliases) <= ALIASES:
        if (here, wanted) in sets:
            break
        here = sets[here, dns.rdatatype.CNAME][0].target
        aliases.append(_plain(here))
    found = sets.get((here, wanted))
    if found is not None:
        ttl, values = found.ttl, [_text(data) for data in list(found)[:KEPT]]
    state = Found.RECORDS if values else Found.NXDOMAIN if _is_nxdomain(reply) else Found.NODATA
    return Answer(
        name=name,
        type=kind,
        found=state,
        values=tuple(value[:LONGEST] for value in values),
        ttl=ttl,
        aliases=tuple(aliases),
        server=server,
        took_ms=took_ms,
        at=utcnow(),
        authentic=bool(reply.flags & dns.flags.AD),
        cut=found is not None and len(found) > KEPT,
    )


def _is_nxdomain(reply: dns.message.Message) -> bool:
    return reply.rcode() == dns.rcode.NXDOMAIN


def _text(data: Rdata) -> str:
    match data.rdtype:
        case dns.rdatatype.TXT | dns.rdatatype.SPF:
            return b"".join(data.strings).decode("latin-1")  # type: ignore[attr-defined]
        case dns.rdatatype.MX:
            return f"{data.preference} {_plain(data.exchange)}"  # type: ignore[attr-defined]
        case dns.rdatatype.CNAME | dns.rdatatype.NS | dns.rdatatype.PTR:
            return _plain(data.target)  # type: ignore[attr-defined]
        case dns.rdatatype.SOA:
            return f"{_plain(data.mname)} {data.serial}"  # type: ignore[attr-defined]
    return data.to_text()


def _plain(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower().removesuffix(".") if name != dns.name.root else ""
