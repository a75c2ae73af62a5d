"""Who is on an offer, as a condition for the query of an audience."""

from difflib import get_close_matches

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from webapp.affiliates.models import Affiliate
from webapp.errors import Invalid
from webapp.offers.models import Assignment, Offer


class OfferAudience:
    """Implements `webapp.affiliates.ports.OfferAudience`."""

    def on(self, session: Session, cid: str) -> ColumnElement[bool]:
        """The affiliate is approved on the offer."""
        approved = self._assigned(session, cid).where(Assignment.state == "approved")
        return Affiliate.id.in_(approved)

    def without(self, session: Session, cid: str) -> ColumnElement[bool]:
        """The affiliate neither runs the offer nor asked for it nor was refused."""
        return Affiliate.id.not_in(self._assigned(session, cid))

    def _assigned(self, session: Session, cid: str) -> Select[int]:
        # Not EXISTS: then the few on the offer would be looked for among all affiliates.
        offer_id = session.scalar(select(Offer.id).where(Offer.cid == cid))
        if offer_id is None:
            raise Invalid({"audience": f"There is no offer “{cid}”. {_nearest(session, cid)}"})
        return select(Assignment.affiliate_id).where(Assignment.offer_id == offer_id)


def _nearest(session: Session, cid: str) -> str:
    near = get_close_matches(cid, session.scalars(select(Offer.cid)).all(), n=1, cutoff=0.6)
    return f"Did you mean “{near[0]}”?" if near else "Use the CID of an offer."
