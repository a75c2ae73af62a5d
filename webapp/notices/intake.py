"""Takes notices in: each once, stored, then acted on. Twice, late and out of order change nothing.

A notice may come before our own record of the sending. Then it waits for its mail, and is looked at again.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from transports.events import MESSAGE_ID, SENDER, DeliveryEvent, EventKind
from webapp.db import inserting, utcnow
from webapp.desk import Desk
from webapp.feedback.barring import TRUSTED, bar
from webapp.mail import events
from webapp.mail.events import Happened
from webapp.mail.models import OutboxMail
from webapp.notices.matching import match
from webapp.notices.models import Notice
from webapp.vault import Vault

WAITING, DONE = "waiting", "done"
PATIENCE = timedelta(days=1)  # so long is a mail looked for
HAPPENED = {
    EventKind.BOUNCED: Happened.BOUNCED,
    EventKind.DEFERRED: Happened.BOUNCED,  # a delay is a soft bounce that may still come to a good end
    EventKind.COMPLAINED: Happened.COMPLAINED,
    EventKind.DELIVERED: Happened.DELIVERED,
}
ABOUT_US = {
    EventKind.CONNECTED: "The service sends its notices here from now on.",
    EventKind.DISCONNECTED: "The service will send no more notices of this topic here. If nobody here wanted that, subscribe"
    " again.",
}
LOOKED_FOR = "No mail of ours is known yet that it could be about. It is looked for until tomorrow."
NEVER_FOUND = (
    "No mail to this recipient left here with that id of the service, nor with a Message-ID of ours."
)


def take_in(desk: Desk, server_id: int, told: Sequence[DeliveryEvent], raw: bytes) -> int:
    """Store what is new of `told`, which its transport has verified, and act on it; returns how many were new."""
    with desk.session() as session:
        new = [notice for one in told if (notice := _stored(session, server_id, one, raw)) is not None]
        for notice in new:
            _handle(session, desk.vault, notice)
        return len(new)


def look_again(desk: Desk, limit: int = 500) -> int:
    """Look once more for the mails of notices that wait; how many were found."""
    found = 0
    with desk.session() as session:
        waiting = select(Notice).where(Notice.state == WAITING).order_by(Notice.id).limit(limit)
        for notice in session.scalars(waiting.with_for_update()):
            _handle(session, desk.vault, notice)
            found += notice.mail_id is not None
    return found


def _stored(session: Session, server_id: int, told: DeliveryEvent, raw: bytes) -> Notice | None:
    row = {
        "key": f"{server_id}:{told.event_id}"[:120],
        "server_id": server_id,
        "kind": told.kind.value,
        "permanent": told.permanent,
        "recipient": told.recipient.lower()[:254],
        "address": told.recipient[:254],
        "provider_id": told.provider_id[:200],
        "sender": told.metadata.get(SENDER, "")[:254],
        "message_id": told.metadata.get(MESSAGE_ID, "")[:300],
        "code": told.code[:12],
        "words": told.detail,
        "state": WAITING,
        "at": told.at or utcnow(),
        "raw": b"" if told.kind == EventKind.DELIVERED else raw,
    }
    insert = inserting(session, Notice).values(**row).on_conflict_do_nothing(index_elements=["key"])
    number = session.scalars(insert.returning(Notice.id)).first()
    return None if number is None else session.get_one(Notice, number)


def _handle(session: Session, vault: Vault, notice: Notice) -> None:
    kind = EventKind(notice.kind)
    if kind not in HAPPENED:
        notice.state = DONE
        notice.note = ABOUT_US.get(
            kind, "Kept, and not counted: opens and clicks are not taken from services."
        )
        return
    mail = match(session, vault, notice)
    if mail is not None:
        notice.state, notice.mail_id = DONE, mail.id
        notice.note = _act(session, notice, kind, mail)
    elif notice.received_at < utcnow() - PATIENCE:
        notice.state, notice.note = DONE, NEVER_FOUND
    else:
        notice.note = LOOKED_FOR


def _act(session: Session, notice: Notice, kind: EventKind, mail: OutboxMail) -> str:
    believed = kind == EventKind.COMPLAINED or events.was_tried_lately(session, mail)
    hard = notice.permanent and notice.code in TRUSTED
    severity = "hard" if hard else "soft" if kind == EventKind.DEFERRED or not notice.permanent else "unknown"
    new = events.record(
        session,
        {
            "key": f"notice:{notice.key}"[:120],
            "mail_id": mail.id,
            "kind": HAPPENED[kind].value,
            "severity": severity if HAPPENED[kind] is Happened.BOUNCED else "",
            "status": notice.code,
            "words": notice.words,
            "verified": believed,
        },
    )
    if not new:
        return "So much is told of this mail already that this was kept and not counted."
    if believed:
        events.settle(session, mail)
    return _consequence(session, notice, kind, mail, believed=believed, hard=hard)


def _consequence(
    session: Session, notice: Notice, kind: EventKind, mail: OutboxMail, *, believed: bool, hard: bool
) -> str:
    if kind == EventKind.COMPLAINED:
        bar(session, mail, "complained", "Complained that a mail was spam.")
        return "The recipient complained. Nothing is mailed to this address any more."
    if kind == EventKind.DELIVERED:
        return "The recipient’s mail server took it."
    if not believed:
        return "Counted only: the mail was not tried within the last 14 days."
    if kind == EventKind.BOUNCED and hard:
        bar(session, mail, "bounced", notice.words or notice.code)
        return f"The address is no good ({notice.code}). Nothing is mailed to it any more."
    if kind == EventKind.DEFERRED:
        return "Counted only: the service goes on trying by itself."
    return "Counted only: a bounce that will pass, or whose code does not speak of the address."
