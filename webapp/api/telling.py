"""Tells affiliates what only the tracking platform knows: a cap that is nearly reached, a payment, any event of the catalogue."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.affiliates import access as affiliates_access
from webapp.affiliates.audience import MAILABLE
from webapp.affiliates.models import Affiliate
from webapp.among import among
from webapp.announce import Happening, announce
from webapp.announcing import catalogue
from webapp.announcing.catalogue import Event
from webapp.announcing.recipients import key_of
from webapp.api.body import MOST_ITEMS
from webapp.api.fields import Field, texts, unknown
from webapp.api.reading import Item
from webapp.errors import Invalid, NotAllowed, NotFound
from webapp.imports.cleaning import Refusal, line
from webapp.mail.models import OutboxMail
from webapp.offers import access
from webapp.offers.models import Offer
from webapp.offers.telling import approved

TO_ALL, TO_OWN = "send_to_all", "send_to_own_affiliates"
OWN_FORMS = (
    "application_submitted",
    "application_denied",
)  # to people without an account: only our own forms know them
TAKES = ("change", "affiliates", "offer", "values")
LONGEST = 2_000


def events() -> dict[str, Event]:
    """The events that a program may announce."""
    return {
        name: event for name, event in catalogue.EVENTS.items() if not event.to_team and name not in OWN_FORMS
    }


def tell(session: Session, user: User, name: str, told: Mapping[str, Any]) -> Item:
    """Mail each person once for this change; the ids of the mails, those that went before included."""
    event = events().get(name)
    if event is None:
        raise NotFound(f"There is no event “{name[:60]}” for programs. There are {', '.join(events())}.")
    if problems := {each[:60]: unknown(each, TAKES) for each in told if each not in TAKES}:
        raise Invalid(problems)
    offer = _offer(session, user, event, told.get("offer"))
    people = _people(session, user, told.get("affiliates"), offer)
    happening = Happening(
        event.name,
        f"api {_change(told.get('change'))}",
        people=[one.id for one in people if one.status == MAILABLE],
        offer=offer.cid if offer else "",
        values=_values(event, told.get("values")),
    )
    done = announce(session, happening)
    if done.queued or done.suppressed:
        counts = {"offer": happening.offer, "queued": done.queued, "suppressed": done.suppressed}
        audit.record(session, user, "api event", event.name, **counts)
    return {
        "event": event.name,
        "queued": done.queued,
        "suppressed": done.suppressed,
        "held": done.held,
        "mails": _mails(session, happening, people),
        "not_active": [one.affiliate_id or "" for one in people if one.status != MAILABLE],
    }


def _change(told: object) -> str:
    text = str(told) if isinstance(told, str | int) and not isinstance(told, bool) else ""
    try:
        text = line(text, most=200, what="change")
    except Refusal as error:
        raise Invalid({"change": str(error)}) from error
    if not text:
        words = (
            "Say what makes it this change, like “cap 3071 2027-01 80 %”: each person is mailed once for it."
        )
        raise Invalid({"change": words})
    return text


def _offer(session: Session, user: User, event: Event, told: object) -> Offer | None:
    if not told:
        if event.about_offer:
            raise Invalid({"offer": f"{event.template.name} is about an offer. Name it by its CID."})
        return None
    try:
        return access.by_cid(session, user, str(told))
    except NotFound as error:
        raise Invalid({"offer": f"{error} Look the CID up under Offers."}) from error


def _people(session: Session, user: User, told: object, offer: Offer | None) -> Sequence[Affiliate]:
    """Those who are named, or everybody who runs the offer; none whom the owner of the key may not write to."""
    if not (user.may(TO_ALL) or user.may(TO_OWN)):
        raise NotAllowed(TO_ALL)
    query = select(Affiliate).where(affiliates_access.visible(user)).order_by(Affiliate.id)
    if not user.may(TO_ALL):
        query = query.where(Affiliate.manager_id == user.id)
    if told is None and offer:
        return session.scalars(query.where(among(Affiliate.id, approved(session, offer)))).all()
    numbers = _numbers(told)
    found = session.scalars(query.where(among(Affiliate.affiliate_id, numbers))).all()
    missing = sorted(set(numbers) - {one.affiliate_id or "" for one in found})
    if missing:
        words = f"No affiliate to whom the owner of the key may write has the ID “{missing[0][:60]}”. Leave it out."
        raise Invalid({"affiliates": words})
    return found


def _numbers(told: object) -> list[str]:
    if not isinstance(told, list) or not told or len(told) > MOST_ITEMS:
        raise Invalid({"affiliates": f"Send a list of 1 to {MOST_ITEMS:,} affiliate IDs."})
    if any(isinstance(each, bool) or not isinstance(each, str | int) for each in told):
        raise Invalid({"affiliates": "An affiliate ID is a text or a whole number. Correct the list."})
    return list(dict.fromkeys(str(each).strip() for each in told))


def _values(event: Event, told: object) -> dict[str, str]:
    if told is not None and not isinstance(told, dict):
        raise Invalid({"values": "This is no object. Send one like {…}."})
    fields = {name: Field(name, name, LONGEST) for name in event.values}
    given, problems = texts(told or {}, fields)
    if not event.by_itself:
        problems |= {name: "It is missing. The mail says it." for name in event.values if not given.get(name)}
    if problems:
        raise Invalid(problems)
    return {name.lower(): value for name, value in given.items()}


def _mails(session: Session, happening: Happening, people: Sequence[Affiliate]) -> list[Item]:
    keys = {key_of(happening, str(one.id)): one.affiliate_id or "" for one in people}
    if not keys:
        return []
    query = select(OutboxMail.id, OutboxMail.key, OutboxMail.state).where(among(OutboxMail.key, list(keys)))
    rows = session.execute(query.order_by(OutboxMail.id))
    return [{"affiliate_id": keys[row.key], "id": row.id, "state": row.state} for row in rows]
