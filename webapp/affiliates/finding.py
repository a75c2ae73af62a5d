"""Finds affiliates by number, name, company or address.

Among few (`FEW`) any part of a word counts. Among many an index finds how a field begins; a short word fits half of a large
network, so of each field only the first `MOST` are looked through, and `too_many` tells that there are more.
"""

from sqlalchemy import ColumnElement, Select, func, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.affiliates.models import Affiliate
from webapp.db import begins_with

FEW = 5_000
MOST = 1_000
WORDS, LETTERS = 5, 100
NAMES = (
    Affiliate.affiliate_id_lower,
    Affiliate.first_name_lower,
    Affiliate.last_name_lower,
    Affiliate.company_lower,
)


def words(search: str) -> list[str]:
    """The words of a search, the longest first: it fits the fewest."""
    return sorted((word[:LETTERS] for word in search.split()[:WORDS]), key=len, reverse=True)


def matches(word: str, *, addresses: bool) -> ColumnElement[bool]:
    """A condition on affiliates that are read anyway."""
    return or_(*(begins_with(field, word) for field in _fields(addresses)))


def contains(word: str, *, addresses: bool) -> ColumnElement[bool]:
    """A condition on affiliates that are few."""
    return or_(*(field.icontains(word, autoescape=True) for field in _fields(addresses)))


def candidates(word: str, *, addresses: bool) -> Select[int]:
    """The ids of affiliates that a word fits, at most `MOST` a field."""
    parts = [_some(field, word).subquery() for field in _fields(addresses)]
    found = union_all(*(select(part.c.id) for part in parts)).subquery()
    return select(found.c.id)


def too_many(session: Session, search: str, *, addresses: bool) -> bool:
    """Whether more fit the longest word than are looked through."""
    longest = words(search)[:1]
    counts = [
        select(func.count()).select_from(_some(field, word).subquery()).scalar_subquery()
        for word in longest
        for field in _fields(addresses)
    ]
    return bool(counts) and MOST in session.execute(select(*counts)).one()


def _fields(addresses: bool) -> list[InstrumentedAttribute[str | None]]:
    return [*NAMES, *([Affiliate.address] if addresses else [])]


def _some(field: InstrumentedAttribute[str | None], word: str) -> Select[int]:
    return select(Affiliate.id).where(begins_with(field, word)).limit(MOST)
