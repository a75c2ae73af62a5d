"""Offers and assignments as CSV: every column that an import knows, guarded against spreadsheets that calculate."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session, joinedload

from webapp.affiliates.models import Affiliate
from webapp.imports.cells import as_csv
from webapp.offers.fields import as_text, stored_values
from webapp.offers.kinds import ASSIGNMENTS, OFFERS
from webapp.offers.models import Assignment, Offer

AT_ONCE = 1_000
OFFER_COLUMNS = OFFERS.columns.fields[:16]  # up to suppression_list_url
pair = tuple_(Assignment.offer_id, Assignment.affiliate_id)
ASSIGNMENT_COLUMNS = ASSIGNMENTS.columns.fields[:5]  # without the cap


def offers(session: Session, *, own: int | None = None, everything: bool = False) -> Iterator[str]:
    """The CSV in pieces, header first: all offers in order of id, or those that the user `own` manages.

    The columns are those that scripts rely on; `everything` adds the others.
    """
    fields = OFFERS.columns.fields if everything else OFFER_COLUMNS
    yield as_csv([fields])
    query = select(Offer).options(joinedload(Offer.manager)).order_by(Offer.id).limit(AT_ONCE)
    query = query if own is None else query.where(Offer.manager_id == own)
    last = 0
    while found := session.scalars(query.where(Offer.id > last)).all():
        last = found[-1].id
        texts = (stored_values(offer, offer.manager.email if offer.manager else "") for offer in found)
        yield as_csv([values[name] for name in fields] for values in texts)
        session.expunge_all()


def assignments(
    session: Session, *, own: int | None = None, manager: int | None = None, everything: bool = False
) -> Iterator[str]:
    """The same for assignments; `manager` narrows to the affiliates of a user.

    Affiliates without an affiliate ID can't be named in a file and stay out.
    """
    fields = ASSIGNMENTS.columns.fields if everything else ASSIGNMENT_COLUMNS
    yield as_csv([fields])
    query = columns(fields, own=own, manager=manager).limit(AT_ONCE)
    last = (0, 0)
    while found := session.execute(query.where(pair > last)).all():
        last = (found[-1][0], found[-1][1])
        yield as_csv([as_text(value) for value in row[2:]] for row in found)


def columns(fields: Sequence[str], *, own: int | None, manager: int | None) -> Select[*tuple[Any, ...]]:
    """The two numbers of an assignment and then its `fields`, which begin with affiliate ID and CID; in order of the numbers."""
    own_columns = [getattr(Assignment, name) for name in fields[2:]]
    query = (
        select(Assignment.offer_id, Assignment.affiliate_id, Affiliate.affiliate_id, Offer.cid, *own_columns)
        .join(Offer, Offer.id == Assignment.offer_id)
        .join(Affiliate, Affiliate.id == Assignment.affiliate_id)
        .where(Affiliate.affiliate_id.is_not(None))
        .order_by(Assignment.offer_id, Assignment.affiliate_id)
    )
    query = query if own is None else query.where(Offer.manager_id == own)
    return query if manager is None else query.where(Affiliate.manager_id == manager)
