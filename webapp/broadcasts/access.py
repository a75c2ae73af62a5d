"""Who may see a message and who may send it: right and object are checked in one place."""

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.affiliates import audience, ports
from webapp.broadcasts.models import Broadcast
from webapp.errors import Invalid, NotAllowed, NotFound
from webapp.offers import access as offers

OWN, ALL, LOG = "send_to_own_affiliates", "send_to_all", "view_delivery_log"
APPROVE = "approve_large_sends"
WRITES = (OWN, ALL)
READS = (OWN, ALL, LOG, APPROVE)

GONE = "This message does not exist, or it is not one of yours."


def visible(user: User) -> ColumnElement[bool]:
    """Own messages; with *send to all* every one; with *view delivery log* every one that was started; with *approve large
    sends* those that wait for approval."""
    if user.may(ALL):
        return true()
    seen = [Broadcast.created_by == user.id]
    if user.may(LOG):
        seen.append(Broadcast.mailing_id.is_not(None))
    if user.may(APPROVE):
        seen.append(Broadcast.waits_since.is_not(None))
    return or_(*seen)


def find(session: Session, user: User, broadcast_id: int) -> Broadcast:
    """The message, if this user may see it; the same `NotFound` whether it is missing or somebody else's."""
    query = select(Broadcast).where(Broadcast.id == broadcast_id, visible(user))
    broadcast = session.scalars(query).one_or_none()
    if broadcast is None:
        raise NotFound(GONE)
    return broadcast


def find_own(session: Session, user: User, broadcast_id: int) -> Broadcast:
    """The message, if this user may write and steer it."""
    broadcast = find(session, user, broadcast_id)
    if not may_steer(user, broadcast):
        raise NotFound(GONE)
    return broadcast


def may_steer(user: User, broadcast: Broadcast) -> bool:
    """Whether the user may change, send, pause or cancel it."""
    return user.may(ALL) or (user.may(OWN) and broadcast.created_by == user.id)


def check_offer(session: Session, user: User | None, cid: str, field: str = "offer") -> None:
    """Refuse an offer that is not there or that the user may not see."""
    if cid:
        try:
            offers.by_cid(session, user, cid)
        except NotFound as error:
            words = f"There is no offer with the CID “{cid[:60]}”, or it isn’t one of yours. Choose another."
            raise Invalid({field: words}) from error


def check_audience(session: Session, user: User | None, expression: str) -> None:
    """Refuse an audience that reaches further than the user's rights. None is the operator, who may reach everybody."""
    parsed = audience.parse(expression)
    if user is not None:  # the command line gets a better answer from the audience itself: the nearest CID
        for cid in parsed.offers:
            check_offer(session, user, cid, "audience")
    only_own = parsed.only_own
    if user is None or user.may(ALL) or (only_own and user.may(OWN)):
        return
    if not user.may(OWN):
        raise NotAllowed(ALL)
    raise Invalid({"audience": "You may write to your own affiliates only. Choose “My affiliates”."})


def check_segments(session: Session, user: User | None, expression: str) -> None:
    """Refuse an audience that names a segment which is not there or not for this user."""
    for number in audience.parse(expression).segments:
        ports.segments().check(session, number, user)
