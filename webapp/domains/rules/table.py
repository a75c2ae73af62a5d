"""The table of rules: each registers itself under its id, a title and the group under which the page shows it."""

from collections.abc import Callable
from dataclasses import dataclass

from webapp.domains.case import Case
from webapp.domains.rules.findings import Finding

PERMISSION, DOMAIN, SERVER, MORE = (
    "Permission to send",
    "Domain and addresses",
    "Server and its name",
    "Reputation and extras",
)
GROUPS = (PERMISSION, DOMAIN, SERVER, MORE)

Examine = Callable[[Case], Finding]


@dataclass(frozen=True)
class Rule:
    """`blocking`: the large receivers refuse bulk mail where it fails."""

    id: str
    title: str
    group: str
    examine: Examine
    blocking: bool = False


RULES: dict[str, Rule] = {}


def rule(number: str, title: str, group: str, *, blocking: bool = False) -> Callable[[Examine], Examine]:
    def register(examine: Examine) -> Examine:
        RULES[number] = Rule(number, title, group, examine, blocking)
        return examine

    return register
