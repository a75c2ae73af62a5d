"""Caps that are nearly reached. How much of a cap is used only the tracking platform knows, and it says so here."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.affiliates.models import Affiliate
from webapp.announce import Happening, announce
from webapp.errors import Invalid
from webapp.offers.models import Assignment, Offer
from webapp.offers.telling import approved
from webapp.settings import store

PERIODS: Mapping[str, str] = {"daily": "daily_cap", "monthly": "monthly_cap", "total": "total_cap"}
OWN = "own"  # the affiliate's, of a month


def report(
    session: Session, offer: Offer, cap: str, used: int, day: date, affiliate_id: str | None = None
) -> bool:
    """So many conversions of a cap (daily, monthly, total, own) are used on that day; whether that is worth a mail.

    Everybody on the offer hears of its cap, the affiliate of his own: once when the threshold of the settings is
    crossed, and once more at 100 %, in each period.
    """
    assignment = _own(session, offer, affiliate_id) if cap == OWN else None
    amount = _amount(offer, cap, assignment)
    percent = used * 100 // amount
    threshold = int(store.identity(session).cap_percent)
    step = 100 if percent >= 100 else threshold
    if percent < step:
        return False
    period = {"daily": day.isoformat(), "total": "all"}.get(cap, f"{day:%Y-%m}")
    people = [assignment.affiliate_id] if assignment else approved(session, offer)
    values = {"capamount": f"{amount:,}", "cappercent": str(percent)}
    announce(session, Happening("cap_notification", f"{cap}:{period}:{step}", people, offer.cid, values))
    return True


def _own(session: Session, offer: Offer, affiliate_id: str | None) -> Assignment:
    query = select(Assignment).join(Affiliate, Affiliate.id == Assignment.affiliate_id)
    found = session.scalar(
        query.where(Assignment.offer_id == offer.id, Affiliate.affiliate_id == (affiliate_id or "").strip())
    )
    if found is None:
        words = f"No affiliate with the ID “{(affiliate_id or '')[:60]}” is on this offer. Name one that is."
        raise Invalid({"affiliate_id": words})
    return found


def _amount(offer: Offer, cap: str, assignment: Assignment | None) -> int:
    if cap == OWN:
        amount = assignment.cap if assignment else None
    elif cap in PERIODS:
        amount = getattr(offer, PERIODS[cap])
    else:
        raise Invalid({"cap": f"“{cap[:20]}” is no cap. Use {', '.join(PERIODS)} or {OWN}."})
    if not amount:
        raise Invalid({"cap": f"There is no {cap} cap. Set one on the offer, or leave this report out."})
    return int(amount)
