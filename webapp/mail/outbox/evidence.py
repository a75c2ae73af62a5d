"""The rows that tell of each try: appended, never changed."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, insert

from webapp.mail.models import Attempt
from webapp.mail.outbox.bulk import execute_rows
from webapp.mail.sender.results import Result

CODE_LENGTH, PEER_LENGTH, TLS_LENGTH, PROVIDER_LENGTH = 12, 100, 60, 200
_NAMES = (
    "mail_id", "lease", "number", "server_id", "status", "stage", "code", "detail", "peer", "tls", "took_ms", "late", "at"
)  # fmt: skip
Row = tuple[Any, ...]  # in that order
_INSERT = insert(Attempt).values({name: bindparam(name) for name in _NAMES})


def attempt_of(result: Result, number: int, at: object, *, late: bool = False) -> Row:
    """The row for one outcome; `late` when it came after the mail was settled otherwise. `at` is made by `bulk.stamp`."""
    return (
        result.mail_id,
        result.lease,
        number,
        result.server_id,
        result.status,
        result.stage,
        result.code[:CODE_LENGTH],
        result.detail,
        result.peer[:PEER_LENGTH],
        result.tls[:TLS_LENGTH],
        result.took_ms,
        late,
        at,
    )


def keep(connection: Connection, attempts: Sequence[Row]) -> None:
    execute_rows(connection, _INSERT, _NAMES, attempts)
