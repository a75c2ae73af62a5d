"""Walks a timeline, the newest first, a page at a time. Each page costs the same however far back it lies.

Every source is asked for as many rows as a page holds, older than where the last page ended; the newest of them all are
the page.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import nlargest
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import Session

from webapp.affiliates.models import Affiliate
from webapp.timeline.entries import SOURCES, Entry, Source

SIZE = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, order=True)
class Place:
    """Where an entry stands: its moment, then its source, then its number there."""

    at: datetime
    rank: int
    number: int

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // MOMENT}-{self.rank}-{self.number}"


@dataclass(frozen=True)
class Stretch:
    """`older` is where the next page begins, as text for its address; "" at the end."""

    entries: list[Entry]
    older: str


def place_in(text: str) -> Place | None:
    """The place that an address names; nonsense names the newest."""
    try:
        at, rank, number = (int(part) for part in text.split("-"))
        return Place(EPOCH + at * MOMENT, rank, number) if number < 2**63 else None
    except (ValueError, OverflowError):
        return None


def stretch(
    session: Session,
    affiliate: Affiliate,
    *,
    kind: str = "",
    search: str = "",
    before: Place | None = None,
    size: int = SIZE,
) -> Stretch:
    """One page: entries of `kind` ("": of all) in which `search` occurs, older than `before`."""
    found: list[tuple[Place, Entry]] = []
    for rank, source in enumerate(SOURCES):
        if kind in ("", source.kind):
            found += _rows(session, affiliate, source, rank, search, before, size)
    newest = nlargest(size + 1, found, key=lambda one: one[0])
    more = len(newest) > size
    return Stretch([entry for _, entry in newest[:size]], str(newest[size - 1][0]) if more else "")


def whole(session: Session, affiliate: Affiliate, *, kind: str = "", search: str = "") -> Iterator[Entry]:
    """All of it, the newest first, some at a time."""
    before: Place | None = None
    while True:
        part = stretch(session, affiliate, kind=kind, search=search, before=before, size=5_000)
        yield from part.entries
        before = place_in(part.older)
        if before is None:
            return


def _rows(
    session: Session,
    affiliate: Affiliate,
    source: Source,
    rank: int,
    search: str,
    before: Place | None,
    size: int,
) -> list[tuple[Place, Entry]]:
    query = source.rows(affiliate).add_columns(source.at, source.number)
    if search:
        query = query.where(or_(*(field.icontains(search, autoescape=True) for field in source.searched)))
    if before is not None:
        query = query.where(_older(source, rank, before))
    query = query.order_by(source.at.desc(), source.number.desc()).limit(size + 1)
    return [_entry(source, rank, row) for row in session.execute(query)]


def _older(source: Source, rank: int, place: Place) -> ColumnElement[bool]:
    if rank < place.rank:
        return source.at <= place.at  # type: ignore[no-any-return]
    if rank > place.rank:
        return source.at < place.at  # type: ignore[no-any-return]
    return or_(source.at < place.at, and_(source.at == place.at, source.number < place.number))


def _entry(source: Source, rank: int, row: Any) -> tuple[Place, Entry]:
    *columns, at, number = row
    title, detail, state = source.made(tuple(columns))
    return Place(at, rank, number), Entry(at, source.kind, title, detail, state, columns[0])
