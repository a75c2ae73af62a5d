"""What was announced, for the page of events. The mails themselves lie in the outbox."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, UtcDateTime, utcnow


class AnnouncedEvent(Base):
    """An event that put at least one new mail into the outbox."""

    __tablename__ = "announced_events"
    __table_args__ = (Index("ix_announced_events_event", "event", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event: Mapped[str] = mapped_column(String(40))
    offer: Mapped[str] = mapped_column(String(60), default="")  # the CID it was about
    queued: Mapped[int] = mapped_column(default=0)
    suppressed: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
