"""How PostgreSQL takes many rows at once: an UPDATE from arrays, one a column, and COPY.

A batch of executions starts the same statement for each row, which costs the server more than the row itself.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import psycopg
from sqlalchemy import BindParameter, Connection, Dialect, Insert, Update, bindparam, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import visitors

Rows = Sequence[tuple[Any, ...]]


def execute(connection: Connection, statement: Insert | Update, names: Sequence[str], rows: Rows) -> int:
    """A constant statement for rows whose values stand in the order of `names`; how many rows of the table it touched.

    A parameter is called as its column, or `of_` or `new_` and its column. Of two rows that an UPDATE finds the same
    row of the table for, one counts. Errors are those of the engine.
    """
    if isinstance(statement, Insert):
        return _copy(connection, statement, names, rows)
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    sql, order = _from_arrays(connection.dialect, statement, tuple(names))
    values = tuple([list(columns[name]) for name in order])
    return connection.exec_driver_sql(sql, values).rowcount


@lru_cache(maxsize=64)
def _from_arrays(dialect: Dialect, statement: Update, names: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The UPDATE that joins the rows as a table of their own, and the names of its arrays in their order."""
    columns = statement.table.c
    arrays = [
        bindparam(name, type_=ARRAY(columns[name.removeprefix("of_").removeprefix("new_")].type))
        for name in names
    ]
    each = func.unnest(*arrays).table_valued(*names, name="each").render_derived()

    def its_column(element: Any, **_: Any) -> Any:
        return each.c[element.key] if isinstance(element, BindParameter) and element.key in names else None

    of_rows: Any = visitors.replacement_traverse(statement, {}, its_column)
    style: Any = {"paramstyle": "format"}
    compiled = of_rows.compile(dialect=type(dialect)(**style))
    return str(compiled), tuple(compiled.positiontup or ())


def _copy(connection: Connection, statement: Insert, names: Sequence[str], rows: Rows) -> int:
    sql = f"COPY {statement.table.name} ({', '.join(names)}) FROM STDIN"
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    try:
        with driver.cursor() as cursor, cursor.copy(sql) as copying:
            for row in rows:
                copying.write_row(row)
    except psycopg.Error as error:
        raise DBAPIError.instance(
            sql, None, error, psycopg.Error, hide_parameters=True, dialect=connection.dialect
        ) from error
    return len(rows)
