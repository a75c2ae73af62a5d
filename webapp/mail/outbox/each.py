"""Puts mails into the outbox that say the same and belong together, each under a key of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.among import among
from webapp.db import inserting, utcnow
from webapp.mail import poke, suppressions
from webapp.mail.models import MailContent, OutboxMail
from webapp.mail.outbox.enqueue import row_of
from webapp.mail.states import State
from webapp.mail.topics import topic_of
from webapp.vault import Vault


@dataclass(frozen=True)
class Letter:
    """A mail to one person; `values` are those that no directory knows."""

    key: str
    address: str
    recipient_id: int | None = None
    values: Mapping[str, str] = field(default_factory=dict)


def enqueue_each(
    session: Session,
    vault: Vault,
    letters: Sequence[Letter],
    *,
    content: Mapping[str, Any],
    context: str,
    offer: str = "",
    kind: str,
) -> dict[State, int]:
    """Queue those whose key is new, and count them by state: queued, or suppressed with the reason in the row."""
    counts = {State.QUEUED: 0, State.SUPPRESSED: 0}
    new = not_queued(session, letters)
    if not new:
        return counts
    now = utcnow()
    frozen = MailContent(draft=dict(content), context=context, offer=offer, created_at=now)
    session.add(frozen)
    session.flush()
    barred = suppressions.reasons_of(
        session, [one.address for one in new], kind, topic_of(kind, context, offer)
    )
    rows = [
        row_of(
            vault,
            now,
            key=one.key,
            content_id=frozen.id,
            recipient_id=one.recipient_id,
            address=one.address,
            kind=kind,
            values=one.values,
            barred=barred.get(suppressions.normal(one.address), ""),
        )
        for one in new
    ]
    insert = inserting(session, OutboxMail).on_conflict_do_nothing(index_elements=["key"])
    for state in session.connection().execute(insert.returning(OutboxMail.__table__.c.state), rows).scalars():
        counts[State(state)] += 1
    poke.soon(session)
    return counts


def not_queued(session: Session, letters: Sequence[Letter]) -> list[Letter]:
    """Those that were never queued. Another process may still be faster: the unique key decides."""
    keys = [one.key for one in letters]
    known = set(session.scalars(select(OutboxMail.key).where(among(OutboxMail.key, keys)))) if keys else set()
    return list({one.key: one for one in letters if one.key not in known}.values())
