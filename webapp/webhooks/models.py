"""Webhooks, how far each was told, and what waits or was told lately."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, UtcDateTime, utcnow
from webapp.mail.models import BigKey

WAITING, DONE, SKIPPED = "waiting", "done", "skipped"


class Webhook(Base):
    """An address of another program. `failures` are those in a row; `busy_until` keeps a second worker away."""

    __tablename__ = "webhooks"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    url: Mapped[str] = mapped_column(String(500))
    sealed: Mapped[str] = mapped_column(String(500), default="")  # what requests are signed with
    events: Mapped[list[str]] = mapped_column(JSON, default=list)
    failures: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    busy_until: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when it was last answered well
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_because: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)

    @property
    def state(self) -> str:
        return "paused" if self.paused_at else "active"


class WebhookMark(Base):
    """How far one source of events was gathered for one webhook."""

    __tablename__ = "webhook_marks"

    webhook_id: Mapped[int] = mapped_column(
        ForeignKey("webhooks.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    source: Mapped[str] = mapped_column(String(20), primary_key=True)
    last_id: Mapped[int] = mapped_column(BigInteger, default=0)


class WebhookDelivery(Base):
    """One request with up to a hundred events, in the order in which they are sent; kept for a week after that."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index("ix_webhook_deliveries_waiting", "webhook_id", "state", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(10), default=WAITING)
    body: Mapped[str] = mapped_column(Text)
    events: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    status: Mapped[int | None]  # of the last answer
    words: Mapped[str] = mapped_column(String(300), default="")  # why the last try failed
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    webhook: Mapped[Webhook] = relationship()
