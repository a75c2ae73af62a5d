"""A real DNS server on loopback whose zone is written as lines: `name type value`."""

import struct
import threading
import time
from collections.abc import Iterable
from socketserver import BaseRequestHandler, TCPServer, ThreadingMixIn, UDPServer
from typing import Any

from dnslib import QTYPE, RCODE, RR, DNSHeader, DNSRecord
from dnslib.dns import AAAA, CNAME, MX, NS, PTR, SOA, TXT, A

TTL = 300
MAKERS = {"A": A, "AAAA": AAAA, "CNAME": CNAME, "NS": NS, "PTR": PTR}
Key = tuple[str, str]


class Names:
    """Records by name and type. A type of TIMEOUT, SERVFAIL, REFUSED or SLOW tells how the name misbehaves."""

    def __init__(self) -> None:
        self.records: dict[Key, list[Any]] = {}
        self.trouble: dict[str, str] = {}
        self.asked: list[Key] = []

    def add(self, name: str, kind: str, value: Any = "") -> None:
        name = name.lower().rstrip(".")
        if kind in ("TIMEOUT", "SERVFAIL", "REFUSED", "SLOW"):
            self.trouble[name] = kind
        else:
            self.records.setdefault((name, kind), []).append(_data(kind, value))

    def read(self, zone: str) -> None:
        """Lines of `name type value`; blank lines and those that begin with # are skipped."""
        for line in zone.splitlines():
            if line.strip() and not line.strip().startswith("#"):
                name, kind, *value = line.split(None, 2)
                self.add(name, kind, value[0].strip() if value else "")

    def reply(self, packet: bytes, limit: int) -> bytes:
        query = DNSRecord.parse(packet)
        name = b".".join(query.q.qname.label).decode("latin-1").lower()
        kind = QTYPE[query.q.qtype]
        self.asked.append((name, kind))
        answer = DNSRecord(DNSHeader(id=query.header.id, qr=1, aa=1, ra=1), q=query.q)
        match self.trouble.get(name, "") if (name, kind) not in self.records else "":
            case "TIMEOUT":
                return b""
            case "SLOW":
                time.sleep(1)
            case "SERVFAIL" | "REFUSED" as trouble:
                answer.header.rcode = getattr(RCODE, trouble)
                return answer.pack()
        here = name
        for _ in range(4):  # a server follows what lies in its own zone, but not in circles
            alias = self.records.get((here, "CNAME"))
            if not alias or kind == "CNAME" or (here, kind) in self.records:
                break
            answer.add_answer(RR(here, QTYPE.CNAME, rdata=alias[0], ttl=TTL))
            here = b".".join(alias[0].label.label).decode("latin-1").lower()
            if here == name:
                break
        for data in self.records.get((here, kind), []):
            answer.add_answer(RR(here, getattr(QTYPE, kind), rdata=data, ttl=TTL))
        if not answer.rr and not self._exists(here):
            answer.header.rcode = RCODE.NXDOMAIN
        whole = answer.pack()
        if len(whole) > limit:
            short = DNSRecord(DNSHeader(id=query.header.id, qr=1, aa=1, ra=1, tc=1), q=query.q)
            return short.pack()
        return whole

    def _exists(self, name: str) -> bool:
        return any(one == name or one.endswith(f".{name}") for one, _ in self.records)


def _data(kind: str, value: Any) -> Any:
    match kind:
        case "TXT":
            parts = [value] if isinstance(value, str | bytes) else list(value)
            raw = [part.encode("latin-1") if isinstance(part, str) else part for part in parts]
            return TXT([piece for part in raw for piece in _strings(part)] or [b""])
        case "MX":
            preference, host = value if isinstance(value, list | tuple) else value.partition(" ")[::2]
            return MX(host or ".", int(preference))
        case "SOA":
            server, serial = [*value.split(), "1"][:2]
            return SOA(server, f"hostmaster.{server}", (int(serial), 3600, 600, 86400, 300))
    return MAKERS[kind](value)


def _strings(value: bytes) -> Iterable[bytes]:
    return [value[at : at + 255] for at in range(0, len(value), 255)] or [b""]


class _Udp(BaseRequestHandler):
    def handle(self) -> None:
        packet, line = self.request
        if answer := self.server.names.reply(packet, 1232):
            line.sendto(answer, self.client_address)


class _Tcp(BaseRequestHandler):
    def handle(self) -> None:
        (size,) = struct.unpack("!H", self.request.recv(2))
        answer = self.server.names.reply(self.request.recv(size), 65535)
        self.request.sendall(struct.pack("!H", len(answer)) + answer)


class _UdpServer(ThreadingMixIn, UDPServer):
    daemon_threads = True
    names: Names


class _TcpServer(ThreadingMixIn, TCPServer):
    daemon_threads = True
    allow_reuse_address = True
    names: Names


def _on_one_port(host: str, port: int) -> tuple[_UdpServer, _TcpServer]:
    """Ports of UDP and TCP are given out separately: the next one is tried while the other is taken."""
    while True:
        tcp = _TcpServer((host, port), _Tcp)
        try:
            return _UdpServer(tcp.server_address, _Udp), tcp
        except OSError:
            tcp.server_close()
            if port:
                raise


class DnsServer:
    """Serves `names` by UDP and TCP on one port until it is closed; `names` may be replaced at any time."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._udp, self._tcp = _on_one_port(host, port)
        self.port = int(self._udp.server_address[1])
        self.fresh()
        self._threads = [
            threading.Thread(target=each.serve_forever, args=(0.02,)) for each in (self._udp, self._tcp)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def fresh(self, zone: str = "") -> Names:
        """An empty server, or one that holds this zone."""
        self.names = self._udp.names = self._tcp.names = Names()
        self.names.read(zone)
        return self.names

    def close(self) -> None:
        for each in (self._udp, self._tcp):
            each.shutdown()
            each.server_close()
        for thread in self._threads:
            thread.join()
