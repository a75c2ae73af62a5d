"""Delivery reports: the fields of RFC 3464, wherever and however a server has put them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from webapp.feedback.returned import addresses
from webapp.mail.mime import Part

START = re.compile(r"(?im)^[ >]{0,4}(?:final|original)-recipient[ \t]*:")
LINE = re.compile(r"[ >]{0,4}([A-Za-z][A-Za-z-]{2,40})[ \t]*:[ \t]*(.*)")
TYPE = re.compile(r"^\s*(?:smtp|x-[\w-]{1,30}|unknown|dns)\s*;\s*", re.IGNORECASE)
KNOWN = frozenset(
    [
        "original-recipient",
        "final-recipient",
        "action",
        "status",
        "diagnostic-code",
        "remote-mta",
        "x-actual-recipient",
        "last-attempt-date",
        "will-retry-until",
        "final-log-id",
        "x-display-name",
        "original-envelope-id",
        "reporting-mta",
        "arrival-date",
        "x-postfix-queue-id",
        "x-postfix-sender",
        "dsn-gateway",
        "received-from-mta",
        "x-supplementary-info",
        "smtp-remote-recipient",
    ]
)
MOST = 200  # recipients of one report
ARRIVED = ("deliver", "relay", "expand", "success", "delay")  # every other action is a failure, known or not
NAMED = ("original-recipient", "final-recipient", "x-actual-recipient")


@dataclass(slots=True)
class Block:
    """What a report says of one recipient."""

    values: dict[str, list[str]] = field(default_factory=dict)

    def first(self, name: str) -> str:
        return next(iter(self.values.get(name, ())), "")

    @property
    def addresses(self) -> list[str]:
        """Original, final and actual recipient: different when an alias stands between. Whole addresses come first."""
        named = [addresses.typed(value) for name in NAMED for value in self.values.get(name, ())]
        return sorted(
            addresses.distinct(one for one in named if one), key=lambda one: "." not in one.partition("@")[2]
        )

    @property
    def action(self) -> str:
        return self.first("action").lower()

    @property
    def failed(self) -> bool:
        return not self.action.startswith(ARRIVED) and not (not self.action and self.status.startswith("2"))

    @property
    def delayed(self) -> bool:
        return self.action.startswith("delay")

    @property
    def status(self) -> str:
        return self.first("status")

    @property
    def words(self) -> str:
        """What the server said; of a field that is missing, the comment behind the code instead."""
        said = " ".join(self.values.get("diagnostic-code", ())) or " ".join(
            self.values.get("x-supplementary-info", ())
        )
        return TYPE.sub("", said or self.status.partition("(")[2].rstrip(") "))


def blocks(parts: Sequence[Part]) -> list[Block]:
    """From the part made for it, else from any text outside of the mail that came back, else from inside of it."""
    proper = [part.text for part in parts if part.type.endswith("delivery-status") and not part.original]
    outside = [part.text for part in parts if not part.original and START.search(part.text)]
    inside = [part.text for part in parts if part.original and part.type.endswith("delivery-status")]
    for texts in (proper, outside, inside):
        found = [block for text in texts for block in islice(_blocks(text), MOST)]
        if any(block.addresses for block in found):
            return [block for block in found if block.addresses][:MOST]
    return []


def _blocks(text: str) -> Iterator[Block]:
    """A blank line ends a recipient; so does a second name for one, for blank lines get lost."""
    block, last, blank = Block(), "", False
    for line in text.split("\n"):
        if not line.strip():
            blank = True
            continue
        found = LINE.match(line)
        name = found[1].lower() if found else ""
        if not found or (name not in KNOWN and line[:1] in " \t"):
            if last and (line[:1] in " \t" or last == "diagnostic-code") and not blank:
                block.values[last][-1] = f"{block.values[last][-1]} {line.strip()}"[:4_000]
            continue
        if (name in block.values and name in ("final-recipient", "original-recipient", "action")) or (
            blank and "final-recipient" in block.values
        ):
            yield block
            block = Block()
        blank, last = False, name
        block.values.setdefault(name, []).append(found[2].strip())
    yield block
