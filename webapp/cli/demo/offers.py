"""The offers of the invented network, and who runs them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from webapp.affiliates.models import Affiliate
from webapp.offers.models import Assignment, Creative, Offer

LINK = "https://go.northlight.example/?c=[=CID=]&a=[=Affiliate.ID=]"
# CID, name, payout, currency, type, category, status, end
OFFERS = (
    ("3071", "Solara Home Quotes", "48", "USD", "CPL", "Energy", "active", None),
    ("3072", "Velo Insurance DE", "18.50", "EUR", "CPA", "Insurance", "active", date(2027, 3, 31)),
    ("3073", "Cloudbox Share", "30", "USD", "RevShare", "Software", "active", None),
    ("3074", "Trail & Tent Autumn Sale", "7.25", "GBP", "CPS", "Outdoor", "paused", date(2026, 12, 31)),
    ("3075", "Old Harbor Loans", "40", "USD", "CPA", "Finance", "ended", date(2026, 6, 30)),
)
_BANNER = '<a href="[=TrackingURL=]"><img src="https://media.northlight.example/300x250.png" width="300" height="250"></a>'


def offers(session: Session, people: Sequence[Affiliate]) -> None:
    """Offers with creatives; affiliates who run them, some on terms of their own, and some who asked."""
    for place, (cid, name, payout, currency, kind, category, status, ends) in enumerate(OFFERS):
        offer = Offer(
            cid=cid,
            name=name,
            description=f"<p>{name}: one short form, paid every two weeks.</p>",
            special_instructions="<p>No incentives, no brand bidding.</p>",
            payout=Decimal(payout),
            currency=currency,
            type=kind,
            category=category,
            status=status,
            end_date=ends,
            tracking_url=LINK,
            from_lines=name,
            subject_lines=f"Have you seen {name}?",
        )
        session.add(offer)
        session.flush()
        session.add(Creative(offer_id=offer.id, kind="banner", name="Banner 300 × 250", code=_BANNER))
        session.add_all(_assignments(offer, people[place :: place + 3]))


def _assignments(offer: Offer, people: Sequence[Affiliate]) -> list[Assignment]:
    found = []
    for number, affiliate in enumerate(people[:240]):
        state = "requested" if number % 23 == 5 else "denied" if number % 31 == 7 else "approved"
        own = (offer.payout or Decimal(0)) + 2 if number % 11 == 3 else None
        found.append(
            Assignment(offer_id=offer.id, affiliate_id=affiliate.id, state=state, payout=own, tracking_url="")
        )
    return found
