"""Affiliates as CSV: every column that an import knows, guarded against spreadsheets that calculate."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.affiliates.details import FIELDS
from webapp.affiliates.models import Affiliate, AffiliateGroup
from webapp.imports.cells import as_csv

AT_ONCE = 1_000
_SPECIAL = {
    "affiliate_id": func.coalesce(Affiliate.affiliate_id, ""),
    "group": func.coalesce(AffiliateGroup.name, ""),
    "manager_email": func.coalesce(User.email, ""),
}


def export(
    session: Session, *, own: int | None = None, only: "ColumnElement[bool] | None" = None
) -> Iterator[str]:
    """The CSV in pieces, header first: all affiliates in order of id, or those that the user `own` manages; of them `only`
    those that meet a condition."""
    yield as_csv([FIELDS])
    query, last = columns(own), 0
    if only is not None:
        query = query.where(only)
    while found := session.execute(query.where(Affiliate.id > last).limit(AT_ONCE)).all():
        last = found[-1][0]
        yield as_csv(row[1:] for row in found)


def columns(own: int | None) -> "Select[int, *tuple[str, ...]]":
    """The row number and then the texts of `FIELDS`, in order of the former: of all affiliates, or of those of a user."""
    wanted = [_SPECIAL.get(name) if name in _SPECIAL else getattr(Affiliate, name) for name in FIELDS]
    query = (
        select(Affiliate.id, *wanted)
        .outerjoin(AffiliateGroup, AffiliateGroup.id == Affiliate.group_id)
        .outerjoin(User, User.id == Affiliate.manager_id)
        .order_by(Affiliate.id)
    )
    return query if own is None else query.where(Affiliate.manager_id == own)
