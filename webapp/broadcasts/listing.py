"""The list of messages."""

from typing import Any

from sqlalchemy import Select, and_, case, not_, or_, select
from sqlalchemy.orm import Session, contains_eager

from webapp.accounts.models import User
from webapp.broadcasts.access import visible
from webapp.broadcasts.models import Broadcast
from webapp.mail.models import Mailing
from webapp.mail.states import MailingState

DRAFT = "draft"
SCHEDULED, WAITS = "scheduled", "waits"
STATES = (DRAFT, SCHEDULED, WAITS, *(state.value for state in MailingState))
GONE_WRONG = (MailingState.FINISHED_WITH_FAILURES.value,)


def listed(user: User, *, search: str = "", state: str = "") -> Select[Any]:
    """Messages that the user may see: what is under way first, then the newest."""
    query = (
        select(Broadcast)
        .outerjoin(Broadcast.mailing)
        .options(contains_eager(Broadcast.mailing))
        .where(visible(user))
    )
    if search:
        fields = (Broadcast.name, Broadcast.subject)
        query = query.where(
            fields[0].icontains(search, autoescape=True) | fields[1].icontains(search, autoescape=True)
        )
    if state in (DRAFT, SCHEDULED, WAITS):
        waits, dated = Broadcast.waits_since.is_not(None), Broadcast.send_at.is_not(None)
        wanted = {WAITS: waits, SCHEDULED: and_(dated, not_(waits)), DRAFT: not_(or_(waits, dated))}[state]
        query = query.where(Broadcast.mailing_id.is_(None), wanted)
    elif state in STATES:
        query = query.where(Mailing.state == state)
    moving = case(
        (Mailing.state.in_(("running", "paused")), 0), (Broadcast.waits_since.is_not(None), 0), else_=1
    )
    return query.order_by(moving, Broadcast.id.desc())


def state_of(broadcast: Broadcast) -> str:
    """draft, scheduled, waits, or the state of its mailing."""
    if broadcast.mailing:
        return broadcast.mailing.state
    return WAITS if broadcast.waits_since else SCHEDULED if broadcast.send_at else DRAFT


def authors(session: Session, broadcasts: list[Broadcast]) -> dict[int, str]:
    """Names of those who wrote them."""
    ids = {broadcast.created_by for broadcast in broadcasts if broadcast.created_by}
    return {user.id: user.name for user in session.scalars(select(User).where(User.id.in_(ids)))}
