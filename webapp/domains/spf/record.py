"""One SPF record as terms (RFC 7208 §4.6, 5, 6). The whole record is checked before anything of it counts."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.domains.spf import macros

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_TERM = re.compile(r"([+?~-])?([A-Za-z][A-Za-z0-9._-]*)(?:([:=/])(.*))?", re.DOTALL)
_CIDR = re.compile(r"(?P<name>.*?)(?:/(?P<four>0|[1-9]\d?))?(?://(?P<six>0|[1-9]\d{0,2}))?", re.DOTALL)
QUALIFIERS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
ASKS = frozenset({"include", "a", "mx", "ptr", "exists", "redirect"})  # what counts towards the ten look-ups


class BadRecord(ValueError):
    """The record breaks the grammar; the sentence names the term."""


@dataclass(frozen=True, slots=True)
class Mechanism:
    """`domain` is the domain-spec as written, empty for the domain itself; `network` is set for ip4 and ip6."""

    text: str
    result: str
    name: str
    domain: str = ""
    four: int = 32
    six: int = 128
    network: Network | None = None


@dataclass(frozen=True, slots=True)
class Record:
    mechanisms: tuple[Mechanism, ...]
    redirect: str = ""
    explanation: str = ""

    @property
    def has_all(self) -> bool:
        return any(one.name == "all" for one in self.mechanisms)


def is_spf(text: str) -> bool:
    """Whether a TXT value is an SPF record at all (§4.5)."""
    return text[:6].lower() == "v=spf1" and (len(text) == 6 or text[6] == " ")


def select(values: Sequence[str]) -> list[str]:
    return [value for value in values if is_spf(value)]


def parse(text: str) -> Record:
    """The record; raises `BadRecord`."""
    found: list[Mechanism] = []
    modifiers: dict[str, str] = {}
    for term in text[6:].split(" "):
        if term:
            matched = _TERM.fullmatch(term)
            if not matched:
                raise BadRecord(f"“{term[:80]}” is neither a mechanism nor a modifier")
            qualifier, name, sign, value = matched.groups()
            try:
                if sign == "=" and not qualifier:
                    _modifier(modifiers, name.lower(), value)
                elif sign == "=":
                    raise BadRecord("a modifier has no sign in front")
                else:
                    found.append(_mechanism(term, qualifier or "+", name.lower(), sign, value))
            except (BadRecord, macros.BadMacro, ValueError) as error:
                raise BadRecord(f"“{term[:80]}”: {error}") from None
    return Record(tuple(found), modifiers.get("redirect", ""), modifiers.get("exp", ""))


def _modifier(modifiers: dict[str, str], name: str, value: str) -> None:
    if name in ("redirect", "exp"):
        if name in modifiers:
            raise BadRecord(f"{name}= stands there twice")
        macros.check_domain(value)
        modifiers[name] = value
    else:
        macros.check_text(value)


def _mechanism(term: str, qualifier: str, name: str, sign: str | None, value: str | None) -> Mechanism:
    result = QUALIFIERS[qualifier]
    match name:
        case "all" if sign is None:
            return Mechanism(term, result, name)
        case "include" | "exists" if sign == ":" and value:
            macros.check_domain(value)
            return Mechanism(term, result, name, value)
        case "ptr" if sign is None or (sign == ":" and value):
            if value:
                macros.check_domain(value)
            return Mechanism(term, result, name, value or "")
        case "a" | "mx":
            return _with_lengths(term, result, name, sign, value or "")
        case "ip4" | "ip6" if sign == ":" and value:
            return Mechanism(term, result, name, network=_network(name, value))
        case "all" | "include" | "exists" | "ptr" | "ip4" | "ip6":
            raise BadRecord(f"{name} is not written like this")
    raise BadRecord("there is no such mechanism")


def _with_lengths(term: str, result: str, name: str, sign: str | None, value: str) -> Mechanism:
    matched = _CIDR.fullmatch(f"/{value}" if sign == "/" else value)
    if not matched or (sign == "/" and matched["name"]) or (sign == ":" and not matched["name"]):
        raise BadRecord("the part behind the / is not a length")
    if matched["name"]:
        macros.check_domain(matched["name"])
    four, six = int(matched["four"] or 32), int(matched["six"] or 128)
    if four > 32 or six > 128:
        raise BadRecord("a length of more bits than an address has")
    return Mechanism(term, result, name, matched["name"], four, six)


def _network(name: str, value: str) -> Network:
    address, slash, length = value.partition("/")
    if slash and not re.fullmatch(r"0|[1-9]\d{0,2}", length):
        raise BadRecord("the part behind the / is not a length")
    kind: type[Network] = ipaddress.IPv4Network if name == "ip4" else ipaddress.IPv6Network
    try:
        return kind(value, strict=False)
    except ValueError:
        raise BadRecord(f"“{address[:60]}” is not an address for {name}") from None
