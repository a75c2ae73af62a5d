"""Adds and changes offers and their creatives by hand. What affiliates hear of a change, `telling` says."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.announce import Note
from webapp.errors import Conflict, Invalid
from webapp.imports.cleaning import clean
from webapp.offers.access import ALL
from webapp.offers.details import CREATIVE, OFFER, in_order
from webapp.offers.fields import stored_values, typed
from webapp.offers.models import Creative, Offer
from webapp.offers.telling import Before, creatives_sent, offer_changed

FIRST_CID = 1001
MOST_CREATIVES = 200
NO_NOTE = Note()


def add(session: Session, user: User, values: Mapping[str, str]) -> Offer:
    """Add an offer; without a CID it gets the next number. Who may not edit all manages it."""
    given = dict(values)
    if not given.get("cid", "").strip():
        given["cid"] = next_cid(session)
    cleaned = _checked(session, given, None)
    offer = Offer(manager_id=None if user.may(ALL) else user.id)
    _apply(session, user, offer, cleaned)
    session.add(offer)
    session.flush()
    audit.record(session, user, "offer.added", offer.name, cid=offer.cid)
    return offer


def edit(session: Session, user: User, offer: Offer, values: Mapping[str, str], note: Note = NO_NOTE) -> None:
    """Change an offer; fields that aren't given stay. Affiliates hear of its status and its payout."""
    before, was = stored_values(offer, ""), Before.of(offer)
    cleaned = _checked(session, values, offer)
    _apply(session, user, offer, cleaned)
    session.flush()
    changed = [name for name, value in cleaned.items() if before.get(name) not in (value, "")]
    audit.record(session, user, "offer.changed", offer.name, cid=offer.cid, fields=", ".join(sorted(changed)))
    offer_changed(session, was, offer, note)


def set_status(session: Session, user: User, offer: Offer, status: str, note: Note = NO_NOTE) -> None:
    """Start, pause or end an offer, and tell those who run it."""
    was = Before.of(offer)
    offer.status = clean({"status": status}, OFFER)["status"]
    session.flush()
    audit.record(session, user, f"offer.{offer.status}", offer.name, cid=offer.cid)
    offer_changed(session, was, offer, note)


def set_requests(session: Session, user: User, offer: Offer, at_once: bool) -> None:
    """Whether requests for the offer are approved by themselves. Those that wait already go on waiting."""
    offer.approves_requests = at_once
    session.flush()
    audit.record(session, user, "offer.requests", offer.name, cid=offer.cid, approved_at_once=at_once)


def send_creatives(session: Session, user: User, offer: Offer) -> None:
    """Mail the creatives to those who run the offer."""
    found = session.scalars(select(Creative).where(Creative.offer_id == offer.id).order_by(Creative.id)).all()
    if not found:
        raise Conflict("There is no creative to send. Add one first.")
    if offer.status != "active":
        raise Conflict(f"The offer is {offer.status}. Make it active before you send its creatives.")
    creatives_sent(session, offer, found)
    audit.record(session, user, "creatives.sent", offer.name, cid=offer.cid, creatives=len(found))


def next_cid(session: Session) -> str:
    """The number after the highest CID that is a number."""
    numbers = [int(cid) for cid in session.scalars(select(Offer.cid)) if cid.isascii() and cid.isdecimal()]
    return str(max([FIRST_CID - 1, *(number for number in numbers if number < 10**12)]) + 1)


def save_creative(
    session: Session, user: User, offer: Offer, creative: Creative | None, values: Mapping[str, str]
) -> Creative:
    """Add a creative to an offer, or change one."""
    cleaned = clean(values, CREATIVE)
    if not cleaned.get("code"):
        raise Invalid({"code": "There is no code. Paste what affiliates are to copy."})
    if creative is None:
        count = len(session.scalars(select(Creative.id).where(Creative.offer_id == offer.id)).all())
        if count >= MOST_CREATIVES:
            raise Conflict(f"An offer has {MOST_CREATIVES} creatives at most. Remove one that isn't used.")
        creative = Creative(offer_id=offer.id)
        session.add(creative)
    creative.name, creative.kind, creative.code = cleaned["name"], cleaned["kind"], cleaned["code"]
    session.flush()
    audit.record(session, user, "creative.saved", offer.name, creative=creative.name)
    return creative


def remove_creative(session: Session, user: User, offer: Offer, creative: Creative) -> None:
    """Take a creative away from an offer."""
    audit.record(session, user, "creative.removed", offer.name, creative=creative.name)
    session.delete(creative)
    session.flush()


def _checked(session: Session, values: Mapping[str, str], offer: Offer | None) -> dict[str, str]:
    cleaned = clean(values, OFFER)
    if offer is not None and cleaned.get("cid", offer.cid) != offer.cid:
        raise Invalid(
            {"cid": f"The CID stays {offer.cid}: mails and files find the offer by it. Add a new offer."}
        )
    whole = {**(stored_values(offer, "") if offer else {}), **cleaned}
    if not whole.get("name"):
        raise Invalid({"name": "No name. Write what your team calls the offer."})
    if problems := in_order(whole):
        raise Invalid(problems)
    other = session.scalar(select(Offer).where(Offer.cid == whole["cid"]))
    if other is not None and other is not offer:
        raise Invalid({"cid": f"Another offer has the CID {other.cid}. Give each its own."})
    return cleaned


def _apply(session: Session, user: User, offer: Offer, cleaned: dict[str, str]) -> None:
    columns = typed(cleaned)
    email = columns.pop("manager_email", None)
    for name, value in columns.items():
        setattr(offer, name, value)
    if email is not None and user.may(ALL):
        offer.manager = _manager(session, email)


def _manager(session: Session, email: str) -> User | None:
    manager = session.scalar(select(User).where(User.email == email)) if email else None
    if email and manager is None:
        words = f"No user has the address {email}. Choose another, or invite the user first."
        raise Invalid({"manager_email": words})
    return manager
