"""What is known of the mail that SPF is asked about: the values of the macros (RFC 7208 §7.2)."""

import ipaddress
import time

from webapp.domains.lookup.resolver import Resolver

HOSTS = 10  # names or mail servers that are looked at (§4.6.4)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Mail:
    """`sender` is the whole envelope sender; without a local part it is the postmaster's."""

    def __init__(self, resolver: Resolver, address: str, sender: str, helo: str, receiver: str) -> None:
        self._resolver = resolver
        parsed = ipaddress.ip_address(address)
        mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
        self.address: Address = mapped or parsed
        local, at, host = sender.rpartition("@")
        local, host = local if at and local else "postmaster", host or sender
        self._fixed = {
            "s": f"{local}@{host}",
            "l": local,
            "o": host,
            "i": _dotted(self.address),
            "h": helo,
            "v": "in-addr" if self.address.version == 4 else "ip6",
            "c": str(self.address),
            "r": receiver,
        }

    def value(self, letter: str, domain: str) -> str:
        """What a macro of that lower-case letter stands for while the record of `domain` is evaluated."""
        if letter == "d":
            return domain
        if letter == "t":
            return str(int(time.time()))
        return self._best_name(domain) if letter == "p" else self._fixed[letter]

    def names(self) -> list[str]:
        """Names of the address that lead back to it (§5.5); trouble on the way means none."""
        kind = "A" if self.address.version == 4 else "AAAA"
        found = []
        for name in self._resolver.names_of(str(self.address)).values[:HOSTS]:
            values = self._resolver.ask(name, kind).values
            if any(ipaddress.ip_address(value) == self.address for value in values):
                found.append(name)
        return found

    def _best_name(self, domain: str) -> str:
        names = self.names()
        if domain in names:
            return domain
        below = [name for name in names if name.endswith(f".{domain}")]
        return next(iter([*below, *names]), "unknown")


def _dotted(address: Address) -> str:
    if address.version == 4:
        return str(address)
    return ".".join(address.exploded.replace(":", "").upper())
