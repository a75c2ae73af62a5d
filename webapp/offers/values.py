"""The values of offer tokens as each affiliate has them, read for a whole claim at once."""

from collections.abc import Container, Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, not_, or_, select, true
from sqlalchemy.orm import Session

from webapp.affiliates.models import Affiliate
from webapp.affiliates.values import COLUMNS, QUERY, AffiliateValues, own_values, rows_of
from webapp.mail.tokens import TOKENS
from webapp.mail.tokens.lists import LISTS
from webapp.offers.links import names_in
from webapp.offers.models import Assignment, Creative, Offer
from webapp.offers.running import running_offers
from webapp.offers.terms import APPROVED, Terms, fixed


class OfferValues:
    """Implements `webapp.mail.ports.RecipientValues` for mail about an offer and for any other."""

    def load(
        self,
        session: Session,
        recipient_ids: Sequence[int],
        about: str = "",
        wanted: Container[str] = frozenset((*TOKENS, *LISTS)),
    ) -> dict[int, Mapping[str, str]]:
        """The values of the affiliates; with `about`, the CID of an offer, also its terms as each of them has it.

        Own payout and own link count while the affiliate is approved. Who isn't has no tracking link at all. One query
        reads the affiliates with their own terms, another one the offer.
        """
        offer = _offer(session, about) if about else None
        if offer is None:
            own = TOKENS if "offers" in wanted else wanted  # any of them may be part of a tracking link
            people = AffiliateValues().load(session, recipient_ids, wanted=own)
        else:
            people = self._about(session, recipient_ids, offer, wanted)
        if "offers" not in wanted:
            return people
        lists = running_offers(session, people, wanted)
        return {number: {**values, "offers": lists[number]} for number, values in people.items()}

    def _about(
        self, session: Session, recipient_ids: Sequence[int], offer: Any, wanted: Container[str]
    ) -> dict[int, Mapping[str, str]]:
        same = {key: value for key, value in fixed(offer).items() if key in wanted}
        terms = Terms(offer)
        creatives = _creatives(session, offer.id) if "creatives" in wanted else []
        found: dict[int, Mapping[str, str]] = {}
        for row in rows_of(session, recipient_ids, _with_terms(offer.id)):
            values = own_values(row)
            values |= same
            terms.put(values, *row[-3:])
            if creatives:
                values["creatives"] = creatives_block(creatives, values["trackingurl"])
                values["creativename"] = ", ".join(one.name for one in creatives)
            found[row[0]] = values
        return found


def creatives_block(creatives: Sequence[Any], link: str) -> str:
    """Creatives ready to copy, as HTML: each with its name, and its code with the affiliate's own link in it."""
    return "".join(
        f"<h4>{escape(one.name)}</h4><pre>{escape(code_with(one.code, link))}</pre>" for one in creatives
    )


def code_with(code: str, link: str) -> str:
    """What an affiliate copies: the code of a creative with his own tracking link in it."""
    return code.replace("[=TrackingURL=]", link)


def lacking(offer: Offer, key: str) -> ColumnElement[bool]:
    """The condition under which an affiliate has no value for a token of this offer: what `load` would leave empty."""
    if key in ("offerpayout", "offerpayoutnocurrencysymbol"):
        return false() if offer.payout is not None else not_(_approved(offer, Assignment.payout.is_not(None)))
    if key == "trackingurl":
        own = _approved(offer, Assignment.tracking_url != "")
        return not_(or_(own, and_(_approved(offer), _fillable(offer))))
    return false() if fixed(offer).get(key, "").strip() else true()


def offer_keys() -> frozenset[str]:
    """The tokens that get their value from the offer."""
    return frozenset(key for key, spec in TOKENS.items() if spec.group == "Offer")


def _fillable(offer: Offer) -> ColumnElement[bool]:
    if not offer.tracking_url:
        return false()
    needed = [COLUMNS[name] for name in names_in(offer.tracking_url) if name != "cid"]
    return and_(true(), *(and_(column.is_not(None), column != "") for column in needed))


def _approved(offer: Offer, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(
        Assignment.offer_id == offer.id,
        Assignment.affiliate_id == Affiliate.id,
        Assignment.state == APPROVED,
        *more,
    )


def _offer(session: Session, cid: str) -> Any:
    return session.connection().execute(select(*Offer.__table__.c).where(Offer.cid == cid)).one_or_none()


@lru_cache(maxsize=64)
def _with_terms(offer_id: int) -> Select[Any]:
    own = and_(Assignment.affiliate_id == Affiliate.id, Assignment.offer_id == offer_id)
    terms = (Assignment.state, Assignment.payout, Assignment.tracking_url)
    return QUERY.add_columns(*terms).outerjoin(Assignment, own)


def _creatives(session: Session, offer_id: int) -> Sequence[Any]:
    query = select(Creative.name, Creative.code).where(Creative.offer_id == offer_id).order_by(Creative.id)
    return session.execute(query).all()
