"""One DMARC record (RFC 9989 §4.7): its tags, what is odd about them, and what it asks for."""

import re
from dataclasses import dataclass, field

_VERSION = re.compile(r"v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)")  # case counts; it comes first
_MAILBOX = re.compile(r"mailto:([^@\s,;!]+)@([A-Za-z0-9._-]+\.[A-Za-z0-9-]+)(![0-9]+[kmgt]?)?", re.IGNORECASE)
POLICIES = ("none", "quarantine", "reject")
VALUES = {
    "p": POLICIES,
    "sp": POLICIES,
    "np": POLICIES,
    "adkim": ("r", "s"),
    "aspf": ("r", "s"),
    "t": ("y", "n"),
    "psd": ("y", "n", "u"),
}
KNOWN = {*VALUES, "v", "rua", "ruf", "fo"}
REMOVED = {"pct", "rf", "ri"}  # RFC 9989 appendix: part of RFC 7489, no longer of DMARC


def is_dmarc(text: str) -> bool:
    return _VERSION.match(text) is not None


@dataclass(frozen=True)
class Dmarc:
    """`odd` are advice, `wrong` are values that receivers ignore; both as sentences."""

    text: str
    tags: dict[str, str]
    odd: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    reports: tuple[tuple[str, str], ...] = field(default=())  # mailbox and its domain, of rua

    @property
    def policy(self) -> str:
        """What p says; without a usable p it is none where reports are asked for, else empty: no DMARC at all."""
        policy = self.tags.get("p", "").lower()
        return policy if policy in POLICIES else "none" if self.reports else ""

    def policy_below(self, *, exists: bool) -> str:
        """What it says of a sub-domain: np for one that does not exist, else sp, else p."""
        for tag in ("np", "sp") if not exists else ("sp",):
            if self.tags.get(tag, "").lower() in POLICIES:
                return self.tags[tag].lower()
        return self.policy

    @property
    def testing(self) -> bool:
        return self.tags.get("t", "").lower() == "y"

    def strict(self, tag: str) -> bool:
        return self.tags.get(tag, "r").lower() == "s"

    def with_(self, **tags: str) -> str:
        """The record with these tags set, p in second place, without what was removed from DMARC or is not valid."""
        kept = {
            name: value
            for name, value in self.tags.items()
            if name in KNOWN and (name not in VALUES or value.lower() in VALUES[name])
        }
        kept.update(tags)
        policy = kept.pop("p", "none")
        kept.pop("v", None)
        if "rua" in kept:
            kept["rua"] = re.sub(r"!\d+[kmgt]?", "", kept["rua"], flags=re.IGNORECASE)
        rest = "".join(f"; {name}={value}" for name, value in kept.items())
        return f"v=DMARC1; p={policy}{rest}"


def parse(text: str) -> Dmarc:
    """The record; what cannot be read in it is reported, not raised, since receivers pass over it."""
    tags: dict[str, str] = {}
    odd: list[str] = []
    wrong: list[str] = []
    parts = [part.strip() for part in text.split(";")]
    for part in filter(None, parts):
        name, equals, value = (one.strip() for one in part.partition("="))
        name = name.lower()
        if not equals or not name.isalnum():
            wrong.append(f"“{part[:60]}” is not of the form tag=value.")
        elif name in tags:
            wrong.append(f"{name}= stands there twice.")
        else:
            tags[name] = value
            _judge(name, value, odd, wrong)
    reports = _reports(tags.get("rua", ""), odd, wrong)
    names = list(tags)
    if "p" not in tags:
        odd.append(
            "There is no p=; receivers take p=none if reports are asked for, and otherwise ignore the record."
        )
    elif names.index("p") != 1:
        odd.append("p= should come right after v=DMARC1: older receivers insist on it.")
    return Dmarc(text, tags, tuple(odd), tuple(wrong), reports)


def _judge(name: str, value: str, odd: list[str], wrong: list[str]) -> None:
    if name in REMOVED:
        odd.append(f"{name}= was removed from DMARC (RFC 9989); receivers ignore it.")
    elif name not in KNOWN:
        odd.append(f"{name}= is no tag of DMARC; receivers ignore it.")
    elif name in VALUES and value.lower() not in VALUES[name]:
        wrong.append(f"{name}={value[:40]} is not valid: it must be {', '.join(VALUES[name])}.")


def _reports(rua: str, odd: list[str], wrong: list[str]) -> tuple[tuple[str, str], ...]:
    found = []
    for uri in filter(None, (one.strip() for one in rua.split(","))):
        matched = _MAILBOX.fullmatch(uri)
        if matched:
            found.append((f"{matched[1]}@{matched[2]}", matched[2].lower()))
            if matched[3]:
                odd.append(f"rua: the size limit {matched[3]} was removed from DMARC (RFC 9990).")
        else:
            hint = " Write mailto: in front." if "@" in uri and ":" not in uri else ""
            wrong.append(f"rua: “{uri[:80]}” is not a mailto: address.{hint}")
    return tuple(found)
