"""Who of the team hears of an event: always people who could act on it."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.affiliates.models import Affiliate
from webapp.announce import Happening, actor
from webapp.offers.models import Offer

Rule = Callable[[Session, Happening], Iterable[User]]


def members(session: Session, happening: Happening) -> list[User]:
    """Active users by id, each once: those whom the happening names, or else those of the event's rule."""
    named = _active(session, happening.team)
    return named or sorted(set(RULES[happening.event](session, happening)), key=lambda user: user.id)


def _active(session: Session, ids: Sequence[int]) -> list[User]:
    found = [session.get(User, number) for number in dict.fromkeys(ids)]
    return [user for user in found if user is not None and user.disabled_at is None]


def _with(right: str) -> Rule:
    def rule(session: Session, happening: Happening) -> list[User]:
        del happening
        users = session.scalars(select(User).where(User.disabled_at.is_(None)))
        return [user for user in users if user.may(right)]

    return rule


def _somebody_else_with(right: str) -> Rule:
    """Without whoever makes the change: he can't be the second person."""

    def rule(session: Session, happening: Happening) -> list[User]:
        own = actor(session)
        return [user for user in _with(right)(session, happening) if user.id != own]

    return rule


def _of_the_request(session: Session, happening: Happening) -> list[User]:
    """The managers of both sides as far as they may decide; without one, everybody who may."""
    offer = session.scalar(select(Offer.manager_id).where(Offer.cid == happening.offer))
    people = select(Affiliate.manager_id).where(Affiliate.id.in_(happening.people[:1]))
    ids = [number for number in (offer, session.scalar(people)) if number is not None]
    deciding = ("edit_own_offers", "edit_all_offers", "edit_assigned", "edit_all")
    found = [user for user in _active(session, ids) if any(user.may(right) for right in deciding)]
    return found or list(_with("edit_all_offers")(session, happening))


RULES: Mapping[str, Rule] = {
    "staff_application": _with("approve_applications"),
    "staff_reply": lambda *_: (),
    "staff_campaign_request": _of_the_request,
    "staff_send_failures": _with("view_delivery_log"),
    "staff_message_paused": _with("send_to_all"),
    "staff_message_held": _with("send_to_all"),
    "staff_server_paused": _with("manage_email_settings"),
    "staff_approval_waits": _somebody_else_with("approve_large_sends"),
    "staff_webhook_paused": _with("manage_apis"),
    "staff_work_failed": _with("manage_email_settings"),
}
