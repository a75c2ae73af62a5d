"""A condition on many values that is one parameter, where IN (…) would be written and compiled anew for each number of them."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, Dialect, Text, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


def among(column: Any, values: Collection[int] | Collection[str]) -> ColumnElement[bool]:
    """Whether the column is one of these values: all numbers, or all texts."""
    many = _Texts() if isinstance(next(iter(values), None), str) else _Numbers()
    each = _Each(bindparam(None, list(values), type_=many))
    condition: ColumnElement[bool] = column.op("IN", is_comparison=True)(each)
    return condition


def among_numbers(column: Any, name: str) -> ColumnElement[bool]:
    """The same for a statement that is made once: the numbers come, as a list, with the parameter of that name."""
    condition: ColumnElement[bool] = column.op("IN", is_comparison=True)(
        _Each(bindparam(name, type_=_Numbers()))
    )
    return condition


class _Many(TypeDecorator[list[Any]]):
    impl = Text
    cache_ok = True
    of: TypeEngine[Any]

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(self.of) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> Any:
        return value if dialect.name == "postgresql" else json.dumps(value)


class _Numbers(_Many):
    cache_ok = True
    of = BigInteger()


class _Texts(_Many):
    cache_ok = True
    of = Text()


class _Each(FunctionElement[Any]):
    inherit_cache = True
    name = "each"


@compiles(_Each, "postgresql")
def _rows_of_an_array(each: _Each, compiler: Any, **kw: Any) -> str:
    return f"(SELECT unnest({compiler.process(each.clauses, **kw)}))"


@compiles(_Each)
def _rows_of_json(each: _Each, compiler: Any, **kw: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(each.clauses, **kw)}))"  # noqa: S608 - a parameter
