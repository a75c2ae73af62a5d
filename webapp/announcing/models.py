"""What was announced, for the page of events. The mails themselves lie in the outbox."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
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


class HeldEvent(Base):
    """An event whose mails wait for a second person. `key` is that of the change, so that it waits once."""

    __tablename__ = "held_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    event: Mapped[str] = mapped_column(String(40))
    offer: Mapped[str] = mapped_column(String(60), default="")
    count: Mapped[int]  # people it would have mailed then
    sealed: Mapped[str] = mapped_column(Text)  # the happening, with its values
    state: Mapped[str] = mapped_column(String(10), default="waiting", index=True)  # then approved, declined
    reason: Mapped[str] = mapped_column(Text, default="")  # why it was declined
    asked_by: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL")
    )  # None: the clock
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
