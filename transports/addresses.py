"""Which addresses may be reached. Our own tables, because Python's `is_global` and `is_private` answer other questions.

(`is_global` is true for NAT64, 6to4 and multicast addresses, `is_private` is false for carrier NAT, and an IPv4 address
that is mapped into IPv6 is not link-local to it.)
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from enum import Enum, auto
from typing import TypeAlias

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


class Reach(Enum):
    PUBLIC = auto()
    PRIVATE = auto()  # only where the operator's list names it
    DENIED = auto()  # never


def _networks(*texts: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)


_DENIED = _networks(
    "0.0.0.0/8",  # unspecified, "this host"
    "169.254.0.0/16",  # link-local, and the metadata service of most clouds
    "192.0.0.0/24",  # protocol assignments; metadata of Oracle's cloud
    "100.100.100.200/32",  # metadata of Alibaba's cloud
    "168.63.129.16/32",  # the host agent of Azure
    "192.88.99.0/24",  # 6to4 relays
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved and broadcast
    "fd00:ec2::254/128",  # metadata of AWS
    "fd20:ce::254/128",  # metadata of Google's cloud
    "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks, …
    "2002::/16",  # 6to4
)
_PRIVATE = _networks(
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",  # carrier NAT
    "192.0.2.0/24",  # documentation
    "198.51.100.0/24",
    "203.0.113.0/24",
    "198.18.0.0/15",  # benchmarks
    "::1/128",
    "fc00::/7",
    "fec0::/10",  # site-local, deprecated
    "2001:db8::/32",  # documentation
    "3fff::/20",
)
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")


def reach(text: str) -> Reach:
    """How far away this address is; what is no plain address is denied."""
    address = parse(text)
    if address is None or any(address in network for network in _DENIED):
        return Reach.DENIED
    if any(address in network for network in _PRIVATE):
        return Reach.PRIVATE
    if isinstance(address, ipaddress.IPv6Address) and address not in _GLOBAL_V6:
        return Reach.DENIED  # NAT64, IPv4-compatible, discard, link-local, multicast and whatever comes next
    return Reach.PUBLIC


def parse(text: str) -> Address | None:
    """The address, an IPv4 one if it was mapped into IPv6; None for names, scopes and odd spellings."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            return None
        return address.ipv4_mapped or address
    return address


def is_loopback(text: str) -> bool:
    address = parse(text)
    return address is not None and address.is_loopback


class AllowList:
    """The operator's `host:port` entries. A name allows what was typed as that name; an address allows every name for it."""

    def __init__(self, entries: Iterable[str] = ()) -> None:
        self._allowed = {entry_of(entry) for entry in entries if entry.strip()}

    def names(self, host: str, address: str, port: int) -> bool:
        """Whether the operator listed this host as typed, or this address, with this port."""
        plain = parse(address)
        return (_plain(host), port) in self._allowed or (str(plain), port) in self._allowed


def entry_of(text: str) -> tuple[str, int]:
    """`host:port` as a pair; `[::1]:25` for IPv6. Raises ValueError with a sentence."""
    host, colon, port = text.strip().rpartition(":")
    if not colon or not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"“{text.strip()}” is not host:port. Write for example 127.0.0.1:25 or [::1]:25.")
    if ":" in host and not (host.startswith("[") and host.endswith("]")):
        raise ValueError(f"“{text.strip()}”: put an IPv6 address in brackets, as in [::1]:25.")
    return _plain(host.strip("[]")), int(port)


def _plain(host: str) -> str:
    address = parse(host.strip("[]"))
    return str(address) if address is not None else host.strip().rstrip(".").lower()
