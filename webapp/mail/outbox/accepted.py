"""The short way for what nearly every mail comes to: accepted at its first answer, under the lease that still holds."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, null, text, update
from sqlalchemy.orm import Session

from webapp.mail.models import OutboxMail
from webapp.mail.outbox.bulk import execute_rows, stamp
from webapp.mail.outbox.counters import Deltas
from webapp.mail.outbox.evidence import CODE_LENGTH, PROVIDER_LENGTH, attempt_of, keep
from webapp.mail.outbox.held import Held
from webapp.mail.sender.results import Result
from webapp.mail.states import State

_ROW = OutboxMail.__table__
_NAMES = ("new_changed_at", "new_stage", "new_code", "new_detail", "new_provider_id", "of_id", "of_lease")
_ACCEPT = (
    update(_ROW)  # type: ignore[arg-type]
    .where(_ROW.c.id == bindparam("of_id"), _ROW.c.lease == bindparam("of_lease"), text("state = 'sending'"))
    .values(
        state=text("'sent'"),
        lease_until=null(),
        values=null(),
        attempts=text("attempts + 1"),
        **{
            name: bindparam(f"new_{name}")
            for name in ("changed_at", "stage", "code", "detail", "provider_id")
        },
    )
)


def accept(session: Session, results: Sequence[Result], held: Mapping[int, Held], now: datetime) -> bool:
    """Settle these without a look at their rows; False, and nothing is changed, if one of them is not ours any more."""
    connection = session.connection()
    at = stamp(connection, now)
    rows = [
        (
            at,
            one.stage,
            one.code[:CODE_LENGTH],
            one.detail,
            one.provider_id[:PROVIDER_LENGTH],
            one.mail_id,
            one.lease,
        )
        for one in results
    ]
    with connection.begin_nested() as savepoint:
        if execute_rows(connection, _ACCEPT, _NAMES, rows) != len(rows):
            savepoint.rollback()
            return False
    keep(connection, [attempt_of(one, held[one.mail_id].attempts + 1, at) for one in results])
    deltas = Deltas()
    for mailing_id, count in Counter(held[one.mail_id].mailing_id for one in results).items():
        deltas.move(mailing_id, State.SENDING, State.SENT, count)
    deltas.apply(session, now)
    return True
