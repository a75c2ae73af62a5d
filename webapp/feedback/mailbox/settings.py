"""The mailbox's settings: checked, stored, opened. A saved secret never goes to a new destination (T5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from transports import fields as declared
from transports.fields import Value
from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.errors import Conflict, Invalid
from webapp.feedback.mailbox.fields import FIELDS, problems
from webapp.feedback.mailbox.models import ONLY, Mailbox, PopMail
from webapp.settings.servers import Actor
from webapp.vault import Vault

SECRETS = frozenset(declared.secrets(FIELDS))
PLACE = ("protocol", "host", "port", "username", "folder")  # another one of these is another mailbox


@dataclass(frozen=True)
class Settled:
    """Checked values; `secrets` were typed now, `kept` are the stored ones that go on."""

    values: dict[str, Value]
    secrets: dict[str, str] = field(repr=False)
    kept: frozenset[str]


def saved(session: Session, *, lock: bool = False) -> Mailbox | None:
    return session.get(Mailbox, ONLY, with_for_update=lock, populate_existing=lock)


def settle(box: Mailbox | None, raw: Mapping[str, str]) -> Settled:
    """What the mailbox would be with what was typed; raises `Invalid` with a sentence a field. Stores nothing."""
    stored = frozenset(box.sealed) if box is not None else frozenset()
    values, found = declared.clean(FIELDS, raw, stored_secrets=stored)
    typed = {name: str(values[name]) for name in SECRETS if values[name]}
    shown = {one.name for one in FIELDS if declared.shown(one, values)}
    kept = (stored & shown) - typed.keys()
    if kept and box is not None and declared.destination_changed(FIELDS, box.values, values):
        words = "Type it again: you changed where it goes. A saved secret never goes to a new server."
        raise Invalid(dict.fromkeys(kept, words))
    found += problems(values, kept | typed.keys())
    if found:
        raise Invalid({one.field: one.reason for one in reversed(found)})
    plain = {name: value for name, value in values.items() if name not in SECRETS}
    return Settled(plain, typed, kept)


def put(desk: Desk, session: Session, by: Actor, settled: Settled) -> None:
    """Save. Another mailbox, or another folder, is read from its beginning."""
    box = saved(session, lock=True)
    if box is None:
        box = Mailbox(id=ONLY, values={}, sealed={})
        session.add(box)
    if any(box.values.get(name) != settled.values.get(name) for name in PLACE):
        box.uid_validity, box.last_uid, box.trouble = "", 0, ""
        session.execute(delete(PopMail))  # ids are unique within one mailbox only (RFC 1939 §7)
    box.values = dict(settled.values)
    fresh = {name: desk.vault.encrypt(text, row=_row(name)) for name, text in settled.secrets.items()}
    box.sealed = {**{name: box.sealed[name] for name in settled.kept if name in box.sealed}, **fresh}
    if fresh:
        box.sealed_at, box.sealed_by = utcnow(), by if isinstance(by, str) else by.email
    audit.record(
        session, by, "mailbox changed", str(settled.values["host"]), username=settled.values["username"]
    )


def to_try(desk: Desk, box: Mailbox | None, settled: Settled) -> dict[str, Any]:
    """Settings with which a session can be opened, of unsaved values."""
    kept = {name: box.sealed[name] for name in settled.kept} if box is not None else {}
    return {**_empty(), **settled.values, **_unsealed(desk.vault, kept), **settled.secrets}


def of(desk: Desk, box: Mailbox | None) -> dict[str, Any]:
    """The settings of the saved mailbox; raises `Conflict` if there is none."""
    if box is None:
        raise Conflict("No mailbox is set up. Do that under Email settings, “The mailbox for returned mail”.")
    return {**_empty(), **box.values, **_unsealed(desk.vault, box.sealed)}


def is_due(session: Session) -> bool:
    """Whether it is time to look into the mailbox again."""
    box = saved(session)
    if box is None or not box.values.get("active"):
        return False
    pause = timedelta(
        minutes=int(box.values["minutes"]), seconds=-20
    )  # the tick itself comes to the second only
    return box.looked_at is None or utcnow() - box.looked_at >= pause


def remove(session: Session, by: User) -> None:
    box = saved(session, lock=True)
    if box is not None:
        session.delete(box)
        audit.record(session, by, "mailbox removed", str(box.values.get("host", "")))


def sealed_again(vault: Vault, session: Session) -> int:
    """Seal every secret with the newest key; how many there are."""
    box = saved(session, lock=True)
    if box is None:
        return 0
    box.sealed = {
        name: vault.encrypt(text, row=_row(name)) for name, text in _unsealed(vault, box.sealed).items()
    }
    return len(box.sealed)


def _unsealed(vault: Vault, sealed: Mapping[str, str]) -> dict[str, str]:
    return {name: vault.decrypt(text, row=_row(name)) for name, text in sealed.items()}


def _empty() -> dict[str, Any]:
    return dict.fromkeys((one.name for one in FIELDS), "")


def _row(name: str) -> str:
    return f"mailbox:{name}"
