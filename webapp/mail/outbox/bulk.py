"""One statement for many rows without the cost of working out names and types anew for each row."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, Update

from webapp.db import UtcDateTime

_STAMP = UtcDateTime()


def execute_many(
    connection: Connection,
    statement: Insert | Update,
    rows: Sequence[dict[str, Any]],
    *,
    in_order: bool = False,
) -> int:
    """Execute a constant statement with named values for each row, and count the rows of the table that it touched.

    All values are plain: texts, numbers, times, None. `in_order`: one row after the other, as locks may want it.
    """
    if not rows:
        return 0
    _, names = _sql(connection.dialect, statement)
    picked = [[row[name] for name in names] for row in rows]
    stamped = [
        tuple([stamp(connection, value) if type(value) is datetime else value for value in row])
        for row in picked
    ]
    return execute_rows(connection, statement, names, stamped, in_order=in_order)


def execute_rows(
    connection: Connection,
    statement: Insert | Update,
    names: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    *,
    in_order: bool = False,
) -> int:
    """The same for rows whose values stand in the order of `names`, their times made by `stamp`."""
    if not rows:
        return 0
    if len(rows) > 1 and not in_order and connection.dialect.name == "postgresql":
        from webapp.mail.outbox import sets  # its driver comes with the extra `postgres` only

        return sets.execute(connection, statement, names, rows)
    sql, order = _sql(connection.dialect, statement)
    if tuple(names) != order:
        pick = itemgetter(*(names.index(name) for name in order))
        rows = [pick(row) for row in rows]
    return connection.exec_driver_sql(sql, list(rows)).rowcount


def stamp(connection: Connection, value: datetime) -> Any:
    """A time as the driver of this database takes it."""
    return _time(connection.dialect, value)


@lru_cache(maxsize=64)
def _sql(dialect: Dialect, statement: Insert | Update) -> tuple[str, tuple[str, ...]]:
    """The statement with a place for each value, and the names of the values in the order of their places."""
    style: Any = {"paramstyle": "qmark" if dialect.name == "sqlite" else "format"}
    compiled = statement.compile(dialect=type(dialect)(**style))
    return str(compiled), tuple(compiled.positiontup or ())


@lru_cache(maxsize=2048)  # the rows of one group share their times
def _time(dialect: Dialect, value: datetime) -> Any:
    process = _STAMP.dialect_impl(dialect).bind_processor(dialect)
    return process(value) if process is not None else value
