"""What the pages of digests show."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, joinedload

from webapp.accounts.models import User
from webapp.broadcasts.models import Broadcast
from webapp.digests import issuing, news, service
from webapp.digests.access import visible
from webapp.digests.models import Digest, DigestEdition

SORTS: Mapping[str, tuple[ColumnElement[Any] | Any, ...]] = {
    "name": (func.lower(Digest.name), Digest.id),
    "next": (Digest.next_at.is_(None), Digest.next_at, Digest.id),
}


def digests(user: User, *, search: str = "", sort: str = "name") -> Select[Any]:
    """The digests that the user sees, narrowed and sorted."""
    query = select(Digest).where(visible(user))
    if search:
        query = query.where(Digest.name.icontains(search, autoescape=True))
    columns = SORTS.get(sort.removeprefix("-"), SORTS["name"])
    return query.order_by(*(one.desc() if sort.startswith("-") else one for one in columns))


def editions(digest: Digest) -> Select[Any]:
    """The editions of a digest with their messages, newest first."""
    query = select(DigestEdition).where(DigestEdition.digest_id == digest.id)
    query = query.options(joinedload(DigestEdition.broadcast).joinedload(Broadcast.mailing))
    return query.order_by(DigestEdition.id.desc())


def expected(session: Session, digest: Digest) -> tuple[list[int], int]:
    """The offers of an edition of now, and for how many of its audience something is new."""
    offers = news.candidates(session, service.author_of(session, digest))
    who = issuing.audience_of(session, digest, offers).order_by(None).subquery()
    return offers, session.scalar(select(func.count()).select_from(who)) or 0
