"""What the DNS said to one question. Not answered is not the same as not there."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

SHOWN = 400  # characters of one value that evidence repeats
LISTED = 12  # values that evidence repeats


class Found(StrEnum):
    RECORDS = "records"
    NODATA = "no such record"  # the name is there, this type is not
    NXDOMAIN = "no such name"
    UNKNOWN = "unknown"  # nobody could say: time-out, SERVFAIL, refused, budget spent


@dataclass(frozen=True, slots=True)
class Answer:
    """`values` in the type's usual text: TXT joined, MX as "10 host", names in lower case without the final dot.

    `aliases` are the names that CNAME records led to; `why` says what stood in the way when nothing is known.
    """

    name: str
    type: str
    found: Found
    values: tuple[str, ...] = ()
    ttl: int = 0
    aliases: tuple[str, ...] = ()
    why: str = ""
    server: str = ""
    took_ms: int = 0
    at: datetime | None = None
    authentic: bool = False  # the resolver vouches for it (AD bit)
    cut: bool = False  # more records came than are kept

    @property
    def known(self) -> bool:
        return self.found is not Found.UNKNOWN

    @property
    def missing(self) -> bool:
        return self.found in (Found.NODATA, Found.NXDOMAIN)

    @property
    def evidence(self) -> str:
        """Lines for people: the question, what came, its TTL, who was asked and when."""
        shown = [clipped(value) for value in self.values[:LISTED]]
        if len(self.values) > LISTED or self.cut:
            shown.append("… and more")
        if self.found is not Found.RECORDS:
            shown = [f"{self.found}{f': {self.why}' if self.why else ''}"]
        quoted = [f'"{one}"' if self.type == "TXT" and self.values else one for one in shown]
        via = f" (alias of {self.aliases[-1]})" if self.aliases else ""
        ttl = f"  TTL {self.ttl}" if self.found is Found.RECORDS else ""
        when = f"{self.at:%d %b %Y %H:%M:%S} UTC, " if self.at else ""
        asked = f"  [asked {self.server}, {when}{self.took_ms} ms]" if self.server else ""
        return "\n".join(f"{self.name}{via}  {self.type}  {one}{ttl}" for one in quoted) + asked


def clipped(value: str) -> str:
    """Printable ASCII, cut: a zone may hold anything, and evidence goes to terminals and pages."""
    safe = "".join(char if " " <= char <= "~" else f"\\x{ord(char):02x}" for char in value[:SHOWN])
    return f"{safe}… ({len(value):,} characters)" if len(value) > SHOWN else safe


def mail_hosts(answer: Answer) -> list[tuple[int, str]]:
    """Preference and host of MX values, the first choice first; the host of a null MX is empty (RFC 7505)."""
    pairs = [value.partition(" ") for value in answer.values if answer.type == "MX"]
    return sorted((int(preference), host) for preference, _, host in pairs)
