"""The way of a mail as its header tells it, and whose word counts there.

Anybody can write a header into a mail. Believed is only what the named receiving host put on top of it: its own
Authentication-Results above everything that the mail brought along (RFC 8601 §5, §7.1).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from webapp.domains.case import is_public, registrable
from webapp.domains.loop.authres import Said, read, without_comments
from webapp.mail.check import Mail

MOST_HOPS = 30
SENDERS = frozenset(
    ("from", "sender", "to", "cc", "subject", "date", "message-id", "mime-version", "dkim-signature")
)
_FROM = re.compile(r"from\s+(\S{1,253})", re.IGNORECASE)
_BY = re.compile(r"\bby\s+([\w.:-]{1,253})", re.IGNORECASE)
_WITH = re.compile(r"\bwith\s+(?:UTF8)?((?:E?SMTP|LMTP)S?A?)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f.:]{3,45})\]")
_VERSION = re.compile(r"\bTLS[ _v]{0,2}1[._]([0-3])", re.IGNORECASE)


@dataclass(frozen=True)
class Hop:
    """One Received header. `address` is the sending side's, "" if none is told; `tls` the version, "" for unknown."""

    text: str
    helo: str
    address: str
    by: str
    encrypted: bool
    tls: str
    at: datetime | None

    @property
    def inside(self) -> bool:
        """Whether the mail was only passed on within one machine or network."""
        return not self.helo or (bool(self.address) and not is_public(self.address))


@dataclass(frozen=True)
class Trace:
    """`border` is the hop at which the receiver took the mail over from outside; `believed` is what it says then.

    `forged` are headers in the receiver's name that it cannot have written; `foreign` those of anybody else.
    """

    receiver: str
    border: Hop | None
    believed: tuple[Said, ...]
    forged: tuple[str, ...]
    foreign: tuple[str, ...]
    lines: tuple[str, ...]  # the believed headers as they stand there


def trace(mail: Mail, domain: str, receiver: str = "") -> Trace:
    """`receiver` is the host whose word counts, or a domain above it; if it is left out, the newest Received header names it."""
    receiver = receiver.lower().strip(". ") or _newest(mail, domain)
    border, own = _receivers_part(mail, receiver)
    believed: list[tuple[Said, str]] = []
    forged: list[str] = []
    foreign: list[str] = []
    for place, one in enumerate(mail.fields):
        if one.name.lower() != "authentication-results":
            continue
        said = read(one.raw[:8_000])
        if place < own and is_of(said.server, receiver):
            believed.append((said, f"{one.name}: {one.raw[:1_000]}"))
        else:
            (forged if is_of(said.server, receiver) else foreign).append(f"{one.name}: {one.raw[:300]}")
    return Trace(
        receiver,
        border,
        tuple(said for said, _ in believed),
        tuple(forged),
        tuple(foreign),
        tuple(line for _, line in believed),
    )


def _newest(mail: Mail, domain: str) -> str:
    """The organisation of the server that took the mail last; that server alone where it is the sender's organisation, too."""
    hops = (_hop(one.raw) for one in mail.named("Received")[:MOST_HOPS])
    by = next((one.by for one in hops if one.helo), "")
    return by if registrable(by) == registrable(domain) else registrable(by)


def is_of(host: str, receiver: str) -> bool:
    return bool(receiver) and (host == receiver or host.endswith(f".{receiver}"))


def _receivers_part(mail: Mail, receiver: str) -> tuple[Hop | None, int]:
    """The border, and how many fields from the top the receiver wrote."""
    border: Hop | None = None
    for place, one in enumerate(mail.fields):
        name = one.name.lower()
        if name in SENDERS:
            return border, place
        if name != "received":
            continue
        hop = _hop(one.raw)
        if border is not None or (hop.helo and not is_of(hop.by, receiver)):
            return border, place
        if not hop.inside and not is_of(hop.helo, receiver):
            border = hop
    return border, len(mail.fields)


def _hop(raw: str) -> Hop:
    text = " ".join(raw[:2_000].split())
    plain = without_comments(text)
    sender, by, way = _FROM.match(plain), _BY.search(plain), _WITH.search(plain)
    address = _ADDRESS.search(text.partition(" by ")[0]) if sender else None
    version = _VERSION.search(text)
    secure = bool(way and "S" in way[1].upper().removeprefix("E").replace("SMTP", "").replace("LMTP", ""))
    return Hop(
        text=text[:500],
        helo=sender[1].lower().strip("[].") if sender else "",
        address=_sound(address[1]) if address else "",
        by=by[1].lower().rstrip(".") if by else "",
        encrypted=secure or version is not None,
        tls=f"TLS 1.{version[1]}" if version else "",
        at=_date(text),
    )


def _sound(text: str) -> str:
    try:
        is_public(text)
    except ValueError:
        return ""
    return text


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text.rpartition(";")[2].strip()[:60])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
