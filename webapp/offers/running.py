"""The offers that affiliates run, as the list that a mail can go through with `[=each Offers=]`."""

from collections.abc import Collection, Container, Iterator, Mapping
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.among import among
from webapp.mail.tokens.lists import MOST_ITEMS, as_value
from webapp.offers.models import Assignment, Offer
from webapp.offers.terms import APPROVED, Terms, fixed

ACTIVE = "active"
OF_THE_AFFILIATE = ("offerpayout", "offerpayoutnocurrencysymbol", "trackingurl")


def running_offers(
    session: Session, people: Mapping[int, Mapping[str, str]], wanted: Container[str]
) -> dict[int, str]:
    """The value of the list for each of `people`, values by affiliate: the active offers each is approved for.

    The oldest come first, and at most as many as a list may have. Of their values only those `wanted` are in it.
    """
    items: dict[int, list[dict[str, str]]] = {number: [] for number in people}
    known: dict[int, tuple[Terms, dict[str, str]]] = {}
    for number, payout, link, offer in _rows(session, people.keys()):
        if len(items[number]) == MOST_ITEMS:
            continue
        terms, same = known.get(offer.id) or known.setdefault(offer.id, (Terms(offer), fixed(offer)))
        values = {**people[number], **same}
        terms.put(values, APPROVED, payout, link)
        items[number].append({key: values[key] for key in (*same, *OF_THE_AFFILIATE) if key in wanted})
    return {number: as_value(found) for number, found in items.items()}


def _rows(session: Session, ids: Collection[int]) -> Iterator[tuple[int, Decimal | None, str, Offer]]:
    query = (
        select(Assignment.affiliate_id, Assignment.payout, Assignment.tracking_url, Offer)
        .join(Offer, Offer.id == Assignment.offer_id)
        .where(among(Assignment.affiliate_id, ids), Assignment.state == APPROVED, Offer.status == ACTIVE)
    )
    # Sorted here: asked for the order, SQLite walks through all offers and looks for the affiliates of each.
    for row in sorted(session.execute(query), key=lambda row: row[3].id):
        yield row[0], row[1], row[2], row[3]
