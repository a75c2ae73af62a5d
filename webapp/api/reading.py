"""Lists for programs, cut by a cursor: whoever reads on gets every row once, also while others are added."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from webapp.accounts.models import User
from webapp.affiliates import access as affiliates_access
from webapp.affiliates import exporting as affiliates_exporting
from webapp.affiliates import kind as affiliates_kind
from webapp.affiliates.details import FIELDS
from webapp.affiliates.models import Affiliate
from webapp.api.fields import shown
from webapp.errors import Invalid, NotAllowed, NotFound
from webapp.offers import access, exporting, kinds
from webapp.offers.fields import as_text, stored_values
from webapp.offers.models import Assignment, Offer

SIZE, MOST = 100, 1_000
Item = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """Which rows: those that have the values of `filters`, behind the place `after`, at most `limit`."""

    filters: Mapping[str, str] = field(default_factory=dict)
    after: str = ""
    limit: int = SIZE


@dataclass(frozen=True)
class Found:
    """`next` is the place behind which there are more, or None."""

    items: list[Item]
    next: str | None

    @property
    def only(self) -> Item:
        if not self.items:
            raise NotFound("There is no such item, or it isn’t one of the owner’s. Look it up in the list.")
        return self.items[0]


def affiliates(session: Session, user: User, asked: Asked) -> Found:
    affiliates_kind.importer_of(user)
    query = affiliates_exporting.columns(affiliates_access.own_only(user)).where(
        *_behind(Affiliate.id, asked)
    )
    same = {
        "affiliate_id": Affiliate.affiliate_id,
        "email": Affiliate.address,
        "status": Affiliate.status,
    }
    rows = session.execute(_narrowed(query, same, asked)).all()
    return cut([(str(row[0]), _item(FIELDS, row[1:])) for row in rows], asked)


def offers(session: Session, user: User, asked: Asked) -> Found:
    kinds.importer_of(user)
    query = select(Offer).where(access.visible(user), *_behind(Offer.id, asked))
    query = query.options(joinedload(Offer.manager)).order_by(Offer.id)
    found = session.scalars(_narrowed(query, {"cid": Offer.cid, "status": Offer.status}, asked)).all()
    texts = [
        (offer.id, stored_values(offer, offer.manager.email if offer.manager else "")) for offer in found
    ]
    return cut([(str(key), _item(kinds.OFFERS.columns.fields, values)) for key, values in texts], asked)


def assignments(session: Session, user: User, asked: Asked) -> Found:
    kinds.importer_of(user)
    if not affiliates_access.sees_details(user):
        raise NotAllowed("view_affiliate_details")
    fields = kinds.ASSIGNMENTS.columns.fields
    own, manager = access.own_only(user), affiliates_access.own_only(user)
    query = exporting.columns(fields, own=own, manager=manager)
    if asked.after:
        offer, _, affiliate = asked.after.partition(".")
        query = query.where(exporting.pair > (_number(offer), _number(affiliate)))
    same = {"cid": Offer.cid, "affiliate_id": Affiliate.affiliate_id, "state": Assignment.state}
    rows = session.execute(_narrowed(query, same, asked)).all()
    return cut(
        [(f"{row[0]}.{row[1]}", _item(fields, [as_text(value) for value in row[2:]])) for row in rows], asked
    )


def cut(rows: Sequence[tuple[str, Item]], asked: Asked) -> Found:
    """The page out of rows with their places, of which one more than asked was read."""
    items = [item for _, item in rows[: asked.limit]]
    return Found(items, rows[asked.limit - 1][0] if len(rows) > asked.limit else None)


def place(asked: Asked) -> int | None:
    """The row number behind which to read; `Invalid` for a cursor that was never given out."""
    return _number(asked.after) if asked.after else None


def _behind(column: Any, asked: Asked) -> list[ColumnElement[bool]]:
    number = place(asked)
    return [] if number is None else [column > number]


def _narrowed(query: Any, columns: Mapping[str, Any], asked: Asked) -> Any:
    for name, value in asked.filters.items():
        query = query.where(columns[name] == (value.lower() if name == "email" else value))
    return query.limit(asked.limit + 1)


def _number(told: str) -> int:
    if not (told.isascii() and told.isdecimal() and len(told) < 19):
        raise Invalid({"after": "This cursor isn’t one of ours. Use the value of “next” of the page before."})
    return int(told)


def _item(fields: Sequence[str], values: Any) -> Item:
    if isinstance(values, Mapping):
        values = [values[name] for name in fields]
    return {name: shown(name, value) for name, value in zip(fields, values, strict=True)}
