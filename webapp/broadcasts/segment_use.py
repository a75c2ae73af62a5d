"""Which messages will still go to a segment."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.affiliates import audience
from webapp.broadcasts.models import Broadcast
from webapp.segments.ports import Use


def uses(session: Session, segment_id: int) -> list[Use]:
    """Drafts and scheduled messages whose audience names it; implements `webapp.segments.ports.Uses`."""
    query = select(Broadcast).where(Broadcast.mailing_id.is_(None), Broadcast.audience.icontains("segment:"))
    named = str(segment_id)
    return [
        Use(one.name, one.created_by, one.send_at is not None)
        for one in session.scalars(query.order_by(Broadcast.id))
        if named in audience.parse(one.audience).segments
    ]
