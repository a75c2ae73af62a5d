"""The rows that tell of each try: appended, never changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert

from webapp.mail.models import Attempt
from webapp.mail.outbox.bulk import execute_many
from webapp.mail.sender.results import Result

CODE_LENGTH, PEER_LENGTH, TLS_LENGTH, PROVIDER_LENGTH = 12, 100, 60, 200
_NAMES = tuple(column.name for column in Attempt.__table__.columns if not column.primary_key)
_INSERT = insert(Attempt).values({name: bindparam(name) for name in _NAMES})


def attempt_of(result: Result, number: int, now: datetime, *, late: bool = False) -> dict[str, Any]:
    """The row for one outcome; `late` when it came after the mail was settled otherwise."""
    return {
        "mail_id": result.mail_id,
        "lease": result.lease,
        "number": number,
        "server_id": result.server_id,
        "status": result.status,
        "stage": result.stage,
        "code": result.code[:CODE_LENGTH],
        "detail": result.detail,
        "peer": result.peer[:PEER_LENGTH],
        "tls": result.tls[:TLS_LENGTH],
        "took_ms": result.took_ms,
        "late": late,
        "at": now,
    }


def keep(connection: Connection, attempts: Sequence[dict[str, Any]]) -> None:
    execute_many(connection, _INSERT, attempts)
