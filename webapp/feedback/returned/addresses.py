"""Mail addresses in free text and in header fields."""

import re
from collections.abc import Iterable, Iterator

ADDRESS = re.compile(
    r"""(?<![\w.+=-])(?:"[^"\s@]{1,62}"|[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64})@"""
    r"""(?:[A-Za-z0-9_-]{1,63}\.){1,10}[A-Za-z0-9-]{0,62}[A-Za-z0-9]"""
)
TYPED = re.compile(r"\s*(?:rfc[ -]?822|utf-8|smtp|unknown|internet)\s*;\s*", re.IGNORECASE)
GATEWAY = re.compile(r"^(?:smtp|rfc-?822|mailto)=", re.IGNORECASE)
DAEMONS = frozenset(
    {
        "mailerdaemon",
        "maildaemon",
        "postmaster",
        "mdaemon",
        "daemon",
        "mmdf",
        "mailsystem",
        "noreply",
        "donotreply",
        "abuse",
        "staff",
        "support",
        "helpdesk",
        "feedback",
        "bouncenotification",
        "mailadministrator",
        "mailadmin",
        "systemadministrator",
        "maildelivery",
    }
)
MARKS = str.maketrans("", "", "-_. ")
DIGITS = re.compile(r"[0-9a-f.$:-]*")


def found_in(text: str) -> Iterator[str]:
    """Every address of a text, as it is written there."""
    for found in ADDRESS.finditer(text):
        address = cleaned(found.group())
        if address:
            yield address


def cleaned(match: str) -> str:
    """Without the marks that stand directly before an address, such as the name of an X.400 field; "" if nothing stays."""
    address = GATEWAY.sub("", match).lstrip("'=*/`.{|").rstrip("'")
    return "" if address[:1] == "@" else address


def typed(field: str) -> str:
    """The address of a field like `rfc822; name@example.com (Name)`; "" if there is none."""
    value = TYPED.sub("", field, count=1).strip()
    inner = value[value.find("<") + 1 : value.find(">")] if "<" in value and ">" in value else value
    for candidate in (inner, value):
        found = next(found_in(candidate), "")
        if found:
            return found
    bare = inner.partition(" ")[0].strip("\"'<>,;")
    return bare if bare.count("@") == 1 and bare[0] != "@" and bare[-1] != "@" else ""


def same(one: str, other: str) -> bool:
    return one.lower() == other.lower()


def among(address: str, others: Iterable[str]) -> bool:
    return any(same(address, other) for other in others)


def distinct(addresses: Iterable[str]) -> list[str]:
    """Without repetition, whatever the case; the first spelling stays."""
    seen: dict[str, str] = {}
    for address in addresses:
        seen.setdefault(address.lower(), address)
    return list(seen.values())


def is_daemon(address: str) -> bool:
    """Whether it is a program's, however its name is written: MAILER-DAEMON, mailer_daemon, Post.Master."""
    return address.partition("@")[0].lower().translate(MARKS) in DAEMONS


def is_message_id(address: str) -> bool:
    """Whether it is the name of a mail rather than a person: long, and digits almost only."""
    local = address.partition("@")[0].lower()
    return len(local) > 12 and (
        bool(DIGITS.fullmatch(local)) or sum(map(str.isdigit, local)) > len(local) // 2
    )
