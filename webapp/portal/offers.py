"""Offers as one affiliate has them: those he has to do with, and those he may ask for."""

from dataclasses import dataclass
from decimal import Decimal

import nh3
from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from webapp.affiliates import finding
from webapp.affiliates.models import Affiliate
from webapp.db import utcnow
from webapp.errors import NotFound
from webapp.mail.compose.escaping import html_fragment
from webapp.offers import queries
from webapp.offers.models import Assignment, Creative, Offer
from webapp.offers.terms import APPROVED
from webapp.offers.values import OfferValues, code_with

ACTIVE, DRAFT, ENDED = "active", "draft", "ended"
SHOWN = ("approved", "requested", "denied")  # a block is between the team and the tracking platform
NOT_THERE = "There is no such offer among yours. It may have ended, or the link is for somebody else."
_TAGS = {"p", "br", "ul", "ol", "li", "b", "strong", "i", "em", "u", "a", "code", "pre", "blockquote"}


@dataclass(frozen=True)
class Own:
    """An offer with this affiliate's own terms. `state` is "" when he has nothing to do with it."""

    offer: Offer
    state: str
    payout: Decimal | None
    link: str

    @property
    def runs(self) -> bool:
        return self.state == APPROVED

    @property
    def may_ask(self) -> bool:
        return not self.state and self.offer.status == ACTIVE


@dataclass(frozen=True)
class Copied:
    """A creative with the affiliate's link in it."""

    id: int
    name: str
    kind: str
    code: str


def mine(affiliate: Affiliate, search: str = "", state: str = "") -> Select[Assignment]:
    """His assignments by the names of their offers, those that run first."""
    query = (
        select(Assignment)
        .join(Offer, Offer.id == Assignment.offer_id)
        .options(joinedload(Assignment.offer))
        .where(Assignment.affiliate_id == affiliate.id, Assignment.state.in_(SHOWN), Offer.status != DRAFT)
        .order_by(Offer.status != ACTIVE, func.lower(Offer.name), Offer.id)
    )
    if state in SHOWN:
        query = query.where(Assignment.state == state)
    return query.where(*_found(search))


def by_state(session: Session, affiliate: Affiliate) -> dict[str, int]:
    """How many there are of each state."""
    rows = mine(affiliate).order_by(None).with_only_columns(Assignment.state, func.count())
    return dict(session.execute(rows.group_by(Assignment.state)).all())


def others(affiliate: Affiliate, search: str = "") -> Select[Offer]:
    """Running offers with which he has nothing to do yet."""
    today = utcnow().date()
    his = exists().where(Assignment.offer_id == Offer.id, Assignment.affiliate_id == affiliate.id)
    return (
        select(Offer)
        .where(Offer.status == ACTIVE, ~his, or_(Offer.end_date.is_(None), Offer.end_date >= today))
        .where(*_found(search))
        .order_by(func.lower(Offer.name), Offer.id)
    )


def find(session: Session, affiliate: Affiliate, key: int) -> Own:
    """An offer that he may see: his own, or one that he may ask for. Any other is not there for him."""
    offer = session.get(Offer, key)
    return _own(session, affiliate, offer)


def find_by_cid(session: Session, affiliate: Affiliate, cid: str) -> Own:
    """The same by CID."""
    return _own(session, affiliate, session.scalar(select(Offer).where(Offer.cid == cid)))


def creatives(session: Session, own: Own) -> list[Copied]:
    """What he may copy, once he runs the offer."""
    if not own.runs:
        return []
    return [
        Copied(one.id, one.name, one.kind, code_with(one.code, own.link))
        for one in queries.creatives(session, own.offer.id)
    ]


def creative(session: Session, own: Own, number: int) -> Copied:
    found = session.get(Creative, number)
    if found is None or found.offer_id != own.offer.id or not own.runs:
        raise NotFound("This creative was removed, or it belongs to another offer.")
    return Copied(found.id, found.name, found.kind, code_with(found.code, own.link))


def harmless(html: str) -> str:
    """A description for our own page: words and links, without pictures from elsewhere."""
    return nh3.clean(html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"})


def preview(creative: Copied) -> str:
    """How a creative looks, as a page for the sandboxed frame."""
    shown = html_fragment(creative.code)
    return f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Preview</title></head><body>{shown}</body></html>'


def _own(session: Session, affiliate: Affiliate, offer: Offer | None) -> Own:
    if offer is None or offer.status == DRAFT:
        raise NotFound(NOT_THERE)
    assignment = session.get(Assignment, (offer.id, affiliate.id))
    state = assignment.state if assignment else ""
    if state not in (*SHOWN, "") or (not state and offer.status != ACTIVE):
        raise NotFound(NOT_THERE)
    if assignment is None or state != APPROVED:
        return Own(offer, state, None, "")
    values = OfferValues().load(session, [affiliate.id], offer.cid, {"trackingurl"})[affiliate.id]
    return Own(offer, state, assignment.payout, values["trackingurl"])


def _found(search: str) -> list[ColumnElement[bool]]:
    fields = (Offer.name, Offer.title, Offer.cid, Offer.category)
    return [
        or_(*(field.icontains(word, autoescape=True) for field in fields)) for word in finding.words(search)
    ]
