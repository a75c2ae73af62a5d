"""A list cut into pages. Page number and size come from the address, so that each view of a list has one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from flask import Flask, request, url_for
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

SIZE = 50
FURTHEST = 10_000  # rows that can be turned to; beyond, the database would read them all to skip them
Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """`items` are rows `first`…`last` of `total`, or of more than `total` if there are too many to be counted."""

    items: Sequence[Row]
    number: int
    total: int
    size: int = SIZE
    uncounted: bool = False

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size + 1 if self.items else 0

    @property
    def last(self) -> int:
        return (self.number - 1) * self.size + len(self.items)

    @property
    def more(self) -> bool:
        return self.last < min(self.total, FURTHEST)

    @property
    def ends(self) -> bool:
        """Whether this is the last page although there are more rows."""
        return not self.more and self.last < self.total + self.uncounted


def install(app: Flask) -> None:
    app.jinja_env.globals["same_page_with"] = same_page_with


def asked_page() -> int:
    """The page number of the address; nonsense counts as the first page."""
    return max(1, min(request.args.get("page", 1, type=int), 1_000_000))


def paginate(session: Session, query: Select[Any], *, total: int | None = None, number: int = 1) -> Page[Any]:
    """Run `query` for one page, the last being that of row `FURTHEST`.

    Give `total` where a counter knows it: otherwise rows are counted, and not beyond `FURTHEST`.
    """
    uncounted = False
    if total is None:
        counted = query.order_by(None).limit(FURTHEST + 1).subquery()
        total = session.scalar(select(func.count()).select_from(counted)) or 0
        total, uncounted = min(total, FURTHEST), total > FURTHEST
    number = max(1, min(number, (min(total, FURTHEST) + SIZE - 1) // SIZE))
    result = session.execute(query.limit(SIZE).offset((number - 1) * SIZE))
    single = len(query.column_descriptions) == 1
    return Page(result.scalars().all() if single else result.all(), number, total, uncounted=uncounted)


def cut(rows: Sequence[Row], number: int = 1) -> Page[Row]:
    """The same of a list that is in memory anyway."""
    number = max(1, min(number, (len(rows) + SIZE - 1) // SIZE))
    return Page(rows[(number - 1) * SIZE : number * SIZE], number, len(rows))


def same_page_with(**changes: Any) -> str:
    """The address of the present page with some arguments changed; None removes one."""
    # What stands in the address never becomes an argument of url_for: `_external` or `endpoint` would be its options.
    asked = {**request.args.to_dict(), **changes}
    query = urlencode({key: value for key, value in asked.items() if value not in (None, "")})
    path = url_for(request.endpoint or "", **(request.view_args or {}))
    return f"{path}?{query}" if query else path
