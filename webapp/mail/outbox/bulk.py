"""One statement for many rows without the cost of working out names and types anew for each row."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, Update

from webapp.db import UtcDateTime

_STAMP = UtcDateTime()
_NAMED: dict[str, Any] = {"paramstyle": "named"}


def execute_many(connection: Connection, statement: Insert | Update, rows: Sequence[dict[str, Any]]) -> int:
    """Execute a constant statement with named values for each row, and count the rows of the table that it touched.

    All values are plain: texts, numbers, times, None.
    """
    if not rows:
        return 0
    dialect = connection.dialect
    plain = [
        {name: _time(dialect, value) if type(value) is datetime else value for name, value in row.items()}
        for row in rows
    ]
    return connection.exec_driver_sql(_sql(dialect, statement), plain).rowcount


@lru_cache(maxsize=64)
def _sql(dialect: Dialect, statement: Insert | Update) -> str:
    named = type(dialect)(**_NAMED) if dialect.name == "sqlite" else dialect
    return str(statement.compile(dialect=named))


@lru_cache(maxsize=2048)  # the rows of one group share their times
def _time(dialect: Dialect, value: datetime) -> Any:
    process = _STAMP.dialect_impl(dialect).bind_processor(dialect)
    return process(value) if process is not None else value
