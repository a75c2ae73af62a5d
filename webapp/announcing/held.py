"""Events that would mail more people than one person may decide about: kept until a second one has looked.

The change itself stands; only its mails wait. Who they go to is worked out anew when somebody agrees.
"""

import json
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.announce import Announced, Happening, actor, announce
from webapp.announcing import catalogue
from webapp.announcing.models import HeldEvent
from webapp.db import utcnow
from webapp.errors import Conflict, Invalid, NotAllowed, NotFound
from webapp.vault import Vault

RIGHT = "approve_large_sends"
WAITING, APPROVED, DECLINED = "waiting", "approved", "declined"
STATES = {WAITING: "Waiting", APPROVED: "Approved", DECLINED: "Declined"}
NOTICE, PAGE = "staff_approval_waits", "/events/waiting"


def of(session: Session, happening: Happening) -> HeldEvent | None:
    """What became of this happening, if it was ever held."""
    keys = _key(happening, named=True), _key(happening)
    rows = {row.key: row for row in session.scalars(select(HeldEvent).where(HeldEvent.key.in_(keys)))}
    return next((rows[key] for key in keys if key in rows), None)


def hold(session: Session, vault: Vault, happening: Happening, count: int) -> HeldEvent:
    """Keep it, in the transaction of the change.

    What the clock tells is the same change whoever runs the offer by then. People and programs choose whom they name: a yes
    or no for some is none for others, and nobody who was named in a second request is forgotten.
    """
    key, told = _key(happening, named=actor(session) is not None), json.dumps(asdict(happening))
    row = HeldEvent(
        key=key,
        event=happening.event,
        offer=happening.offer,
        count=count,
        sealed=vault.encrypt(told, row=_row(key)),
        asked_by=actor(session),
    )
    session.add(row)
    session.flush()
    return row


def get(session: Session, number: int) -> HeldEvent:
    row = session.get(HeldEvent, number)
    if row is None:
        raise NotFound("There is no such event. Open the list of those that wait and choose another.")
    return row


def listed(state: str = WAITING, search: str = "") -> Select[HeldEvent]:
    """The newest first; `search` looks for the event or the CID."""
    query = select(HeldEvent).order_by(HeldEvent.id.desc())
    if state in STATES:
        query = query.where(HeldEvent.state == state)
    if not search:
        return query
    names = [
        name for name, event in catalogue.EVENTS.items() if search.lower() in event.template.name.lower()
    ]
    return query.where(HeldEvent.event.in_(names) | HeldEvent.offer.icontains(search[:60], autoescape=True))


def waiting(session: Session) -> int:
    return session.scalar(select(func.count()).where(HeldEvent.state == WAITING)) or 0


def approve(session: Session, vault: Vault, user: User, row: HeldEvent) -> Announced:
    """Mail everybody who is still to hear of it; refused for whoever made the change."""
    _second(session, user, row)
    if row.asked_by == user.id:
        raise Conflict("You made this change yourself, so somebody else has to look at it.")
    _decide(session, user, row, APPROVED)
    return announce(session, happening_of(vault, row))


def decline(session: Session, user: User, row: HeldEvent, reason: str) -> None:
    """Nobody is mailed for it, now or later; the change stands."""
    _second(session, user, row)
    if not reason.strip():
        raise Invalid(
            {"reason": "Say why nobody is to hear of it. It stands in the list and in the audit trail."}
        )
    row.reason = reason.strip()[:500]
    _decide(session, user, row, DECLINED)


def happening_of(vault: Vault, row: HeldEvent) -> Happening:
    told: dict[str, Any] = json.loads(vault.decrypt(row.sealed, row=_row(row.key)))
    for name in ("own", "changes"):  # JSON knows no numbers as names
        told[name] = {int(key): value for key, value in told[name].items()}
    return Happening(**told)


def seal_again(session: Session, fresh: Vault) -> int:
    """Seal every one with the newest key; how many there are."""
    rows = session.scalars(select(HeldEvent)).all()
    for row in rows:
        row.sealed = fresh.encrypt(fresh.decrypt(row.sealed, row=_row(row.key)), row=_row(row.key))
    return len(rows)


def _second(session: Session, user: User, row: HeldEvent) -> None:
    session.refresh(row, with_for_update=True)
    if not user.may(RIGHT):
        raise NotAllowed(RIGHT)
    if row.state != WAITING:
        raise Conflict("Somebody has decided about it already.")


def _decide(session: Session, user: User, row: HeldEvent, state: str) -> None:
    row.state, row.decided_by, row.decided_at = state, user.id, utcnow()
    session.flush()
    audit.record(session, user, f"event {state}", row.event, offer=row.offer, people=row.count)


def _key(happening: Happening, *, named: bool = False) -> str:
    """One for each change, whoever announces it and however often; with `named` one for each change and people."""
    told = happening.event, happening.offer, happening.change, sorted(happening.changes.items())
    people = (sorted(happening.people),) if named else ()
    return sha256(repr((*told, *people)).encode()).hexdigest()


def _row(key: str) -> str:
    return f"held_event:{key}"
