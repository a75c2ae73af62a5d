"""Which digests go to a segment."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.affiliates import audience
from webapp.digests.models import Digest
from webapp.segments.ports import Use


def uses(session: Session, segment_id: int) -> list[Use]:
    """Digests whose audience names it, switched on or off; implements `webapp.segments.ports.Uses`."""
    query = select(Digest).where(Digest.audience.icontains("segment:")).order_by(Digest.id)
    named = str(segment_id)
    return [
        Use(one.name, one.created_by, one.active)
        for one in session.scalars(query)
        if named in audience.parse(one.audience).segments
    ]
