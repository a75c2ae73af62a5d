"""The DKIM keys of this instance: made, activated, retired. A domain signs with at most one key of each algorithm."""

from collections.abc import Collection
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.db import utcnow
from webapp.errors import Conflict, Invalid, NotFound
from webapp.mail.compose import BadAddress, wire_domain
from webapp.mail.dkim.keys import Algorithm, PrivateKey
from webapp.mail.dkim.records import Record
from webapp.mail.models import DkimKey
from webapp.vault import Vault


class KeyState(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    RETIRED = "retired"


def row_name(key: DkimKey) -> str:
    """The name under which the private key is sealed."""
    return f"dkim:{key.domain}:{key.selector}"


def record_of(key: DkimKey) -> Record:
    return Record(key.domain, key.selector, Algorithm(key.algorithm), key.public)


def every(session: Session, domain: str = "") -> list[DkimKey]:
    """All keys, or those of one domain, the oldest first."""
    wanted = select(DkimKey).order_by(DkimKey.domain, DkimKey.id)
    return list(session.scalars(wanted.where(DkimKey.domain == cleaned(domain)) if domain else wanted))


def add(session: Session, vault: Vault, domain: str, algorithms: Collection[Algorithm]) -> list[DkimKey]:
    """New keys for a domain that has none of these algorithms yet. They sign nothing until they are activated."""
    domain = cleaned(domain)
    for key in every(session, domain):
        if key.algorithm in algorithms and key.state != KeyState.RETIRED:
            raise Conflict(
                f"{domain} has the {key.algorithm} key {key.selector} already. `offerpost dkim rotate {domain}` makes"
                f" one that takes its place; `offerpost dkim list {domain}` shows its record."
            )
    return [_make(session, vault, domain, algorithm) for algorithm in Algorithm if algorithm in algorithms]


def rotate(session: Session, vault: Vault, domain: str) -> list[DkimKey]:
    """A new key beside each active one, which goes on signing until the new one is activated."""
    domain = cleaned(domain)
    keys = every(session, domain)
    for key in keys:
        if key.state == KeyState.PENDING:
            raise Conflict(
                f"{key.selector} of {domain} waits already. Publish its record, then"
                f" `offerpost dkim activate {domain} {key.selector}`, or retire it."
            )
    active = {key.algorithm for key in keys if key.state == KeyState.ACTIVE}
    if not active:
        raise NotFound(f"Nothing signs for {domain}. `offerpost dkim add {domain}` makes its first key.")
    return [_make(session, vault, domain, algorithm) for algorithm in Algorithm if algorithm in active]


def find(session: Session, domain: str, selector: str) -> DkimKey:
    """One key; `NotFound` names those that there are."""
    domain = cleaned(domain)
    keys = every(session, domain)
    for key in keys:
        if key.selector == selector:
            return key
    there = f"Its keys are {', '.join(key.selector for key in keys)}." if keys else "It has no keys."
    raise NotFound(f"{domain} has no key {selector}. {there}")


def activate(session: Session, key: DkimKey) -> DkimKey | None:
    """Sign with this key from now on; the one that did so before is retired and returned."""
    replaced = None
    for other in every(session, key.domain):
        if other.id != key.id and other.algorithm == key.algorithm and other.state == KeyState.ACTIVE:
            _move(other, KeyState.RETIRED)
            replaced = other
    _move(key, KeyState.ACTIVE)
    session.flush()
    return replaced


def retire(session: Session, key: DkimKey) -> None:
    """Sign with it no more. It stays, so that it can be activated again."""
    _move(key, KeyState.RETIRED)
    session.flush()


def seal_again(session: Session, vault: Vault) -> int:
    """Seal every private key with the newest key of the vault; how many there are."""
    keys = every(session)
    for key in keys:
        key.sealed = vault.encrypt(vault.decrypt(key.sealed, row=row_name(key)), row=row_name(key))
    return len(keys)


def cleaned(domain: str) -> str:
    """The domain as it stands in a signature; `Invalid` if it is none."""
    try:
        wire = wire_domain(domain.strip().rstrip(".")).lower()
    except BadAddress as error:
        raise Invalid({"domain": str(error)}) from error
    if "." not in wire:
        raise Invalid(
            {"domain": f"“{wire}” is not the domain of an email address. Write what stands behind the @."}
        )
    return wire


def _make(session: Session, vault: Vault, domain: str, algorithm: Algorithm) -> DkimKey:
    numbers = [int(key.selector.removeprefix("op")) for key in every(session, domain)]
    made = PrivateKey.make(algorithm)
    key = DkimKey(
        domain=domain,
        selector=f"op{max(numbers, default=0) + 1}",
        algorithm=algorithm.value,
        public=made.public,
        state=KeyState.PENDING.value,
    )
    key.sealed = vault.encrypt(made.text, row=row_name(key))
    session.add(key)
    session.flush()
    return key


def _move(key: DkimKey, state: KeyState) -> None:
    if key.state != state:
        key.state, key.changed_at = state.value, utcnow()
