"""The DNS record of a key: as it is pasted, and whether what is published is it."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.mail.dkim.keys import Algorithm

LONGEST_STRING = 255  # RFC 1035 §3.3.14: a TXT record is strings of at most so many bytes


@dataclass(frozen=True, slots=True)
class Record:
    """The TXT record that lets everybody check the signatures of one key."""

    domain: str
    selector: str
    algorithm: Algorithm
    public: str

    @property
    def name(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def value(self) -> str:
        """The whole value, for forms that split it by themselves."""
        return f"v=DKIM1; k={self.algorithm.value}; p={self.public}"

    @property
    def strings(self) -> tuple[str, ...]:
        """The value in strings that a zone file takes."""
        value = self.value
        return tuple(value[at : at + LONGEST_STRING] for at in range(0, len(value), LONGEST_STRING))

    @property
    def zone_line(self) -> str:
        """The line of a zone file."""
        return f"{self.name}. IN TXT " + " ".join(f'"{string}"' for string in self.strings)


def fault_of(record: Record, published: Sequence[str]) -> str:
    """What is wrong with the TXT records found at the record's name, as a sentence; "" when receivers can verify with it."""
    if not published:
        return f"There is no TXT record at {record.name}."
    if len(published) > 1:
        return f"There are {len(published)} TXT records at {record.name}; receivers take none of them. Leave one."
    try:
        tags = tags_of(published[0])
    except ValueError:
        return f"The TXT record at {record.name} is not a DKIM record."
    if tags.get("v", "DKIM1") != "DKIM1":
        return f"The record at {record.name} does not begin with v=DKIM1."
    if tags.get("k", "rsa") != record.algorithm.value:
        return f"The record at {record.name} is for a key of another kind: it must say k={record.algorithm.value}."
    if not tags.get("p"):
        return f"The record at {record.name} has no key: p= is empty, which means that the key is revoked."
    if tags["p"] != record.public:
        return f"The record at {record.name} holds another key. Paste the whole value; capitals count."
    if not allows(tags.get("h", "*"), "sha256") or not allows(tags.get("s", "*"), "email"):
        return f"The record at {record.name} forbids these signatures with its h= or s= tag. Leave them out."
    return ""


def tags_of(text: str) -> dict[str, str]:
    """The tags of a list `name=value; …` without blanks in the values (RFC 6376 §3.2); raises ValueError if it is none."""
    tags: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        name = name.strip()
        if not part.strip():
            continue
        if not equals or not name or name in tags:
            raise ValueError("not a list of tags")
        tags[name] = "".join(value.split())
    return tags


def allows(listed: str, wanted: str) -> bool:
    return any(one in ("*", wanted) for one in listed.split(":"))
