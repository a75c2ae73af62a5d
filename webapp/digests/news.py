"""Which offers are new for whom: active and open, not his in any way yet, and in no digest that went to him."""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, not_, or_, select, true
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.affiliates.models import Affiliate
from webapp.among import among
from webapp.db import utcnow
from webapp.digests.models import EditionOffer, EditionReader
from webapp.mail.tokens.lists import as_value
from webapp.offers import access
from webapp.offers.models import Assignment, Offer
from webapp.offers.running import ACTIVE, OF_THE_AFFILIATE
from webapp.offers.terms import Terms, fixed
from webapp.settings import store

MOST = 50  # offers in one mail


def candidates(session: Session, author: User | None) -> list[int]:
    """The offers that an edition of now may tell of, as far as its author sees them: those that no edition had before, then
    the newest others, at most `MOST`; in order of id."""
    today = utcnow().astimezone(store.identity(session).zone).date()
    told = exists().where(EditionOffer.offer_id == Offer.id)
    query = select(Offer.id).where(
        Offer.status == ACTIVE,
        or_(Offer.start_date.is_(None), Offer.start_date <= today),
        or_(Offer.end_date.is_(None), Offer.end_date >= today),
        true() if author is None else access.visible(author),
    )
    return sorted(session.scalars(query.order_by(told, Offer.id.desc()).limit(MOST)))


def has_news(session: Session, offers: Collection[int]) -> ColumnElement[bool]:
    """The condition that at least one of these offers is new for an affiliate."""
    told = (
        set(session.scalars(select(EditionOffer.offer_id).where(among(EditionOffer.offer_id, offers))))
        if offers
        else set()
    )
    fresh = [one for one in offers if one not in told]  # asked first: they are the likely ones
    return or_(
        false(),
        *(not_(_his(one)) for one in fresh),
        *(and_(not_(_his(one)), not_(_told(one))) for one in sorted(told)),
    )


def _his(offer: int) -> ColumnElement[bool]:
    return exists().where(Assignment.offer_id == offer, Assignment.affiliate_id == Affiliate.id)


def _told(offer: int) -> ColumnElement[bool]:
    return exists().where(
        EditionReader.affiliate_id == Affiliate.id,
        EditionOffer.edition_id == EditionReader.edition_id,
        EditionOffer.offer_id == offer,
    )


def lists(
    session: Session,
    people: Mapping[int, Mapping[str, str]],
    offers: Collection[int],
    wanted: Container[str],
    *,
    edition: int | None = None,
) -> dict[int, str]:
    """The value of the list of each of `people` (values by affiliate): of `offers` those that are new for him.

    What `edition` itself tells does not make it old.
    """
    known = _known(session, people.keys(), offers, edition)
    found = (
        session.scalars(select(Offer).where(among(Offer.id, offers)).order_by(Offer.id)).all()
        if offers
        else []
    )
    shown = [(one, Terms(one), fixed(one)) for one in found]
    return {
        number: as_value(_items(own, [each for each in shown if (number, each[0].id) not in known], wanted))
        for number, own in people.items()
    }


def _items(
    own: Mapping[str, str], offers: Sequence[tuple[Offer, Terms, dict[str, str]]], wanted: Container[str]
) -> Iterable[Mapping[str, str]]:
    for _, terms, same in offers:
        values: dict[str, Any] = {**own, **same}
        terms.put(values, None, None, None)
        yield {key: values[key] for key in (*same, *OF_THE_AFFILIATE) if key in wanted}


def _known(
    session: Session, people: Collection[int], offers: Collection[int], edition: int | None
) -> set[tuple[int, int]]:
    """Pairs of affiliate and offer that are no news."""
    if not people or not offers:
        return set()
    ids = list(people)
    his = select(Assignment.affiliate_id, Assignment.offer_id).where(
        among(Assignment.affiliate_id, ids), among(Assignment.offer_id, offers)
    )
    told = (
        select(EditionReader.affiliate_id, EditionOffer.offer_id)
        .join(EditionOffer, EditionOffer.edition_id == EditionReader.edition_id)
        .where(among(EditionReader.affiliate_id, ids), among(EditionOffer.offer_id, offers))
    )
    if edition is not None:
        told = told.where(EditionReader.edition_id != edition)
    return {(row[0], row[1]) for query in (his, told) for row in session.execute(query)}
