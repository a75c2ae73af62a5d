"""The DKIM keys as their page draws them."""

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from webapp.domains.case import registrable
from webapp.domains.rules.findings import Paste
from webapp.errors import NotFound
from webapp.mail.models import DkimKey
from webapp.mail.signing import keys

STATES = {
    "active": ("pass", "Signs"),
    "pending": ("draft", "Waiting"),
    "retired": ("na", "Retired"),
}


@dataclass(frozen=True)
class Shown:
    key: DkimKey
    state: str
    word: str
    record: Paste


@dataclass
class DomainKeys:
    """`may_rotate` unless a key waits already, or none signs."""

    domain: str
    keys: list[Shown] = field(default_factory=list)

    @property
    def may_rotate(self) -> bool:
        states = {one.key.state for one in self.keys}
        return "active" in states and "pending" not in states


def shown(session: Session) -> list[DomainKeys]:
    groups: dict[str, DomainKeys] = {}
    for key in keys.every(session):
        record = keys.record_of(key)
        paste = Paste("TXT", record.name, registrable(key.domain), record.value)
        groups.setdefault(key.domain, DomainKeys(key.domain)).keys.append(
            Shown(key, *STATES[key.state], paste)
        )
    for group in groups.values():
        group.keys.sort(key=lambda one: list(STATES).index(one.key.state))
    return list(groups.values())


def find(session: Session, number: int) -> DkimKey:
    key = session.get(DkimKey, number)
    if key is None:
        raise NotFound("There is no such key.")
    return key
