"""Segments as people saved them, and when each affiliate was last mailed, clicked, bounced or complained."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import User
from webapp.db import Base, UtcDateTime, utcnow


class Segment(Base):
    """Rules under a name. `rules` is what `rules.as_plain` writes. Shared ones the whole team reads and uses."""

    __tablename__ = "segments"
    __table_args__ = {
        "sqlite_autoincrement": True
    }  # messages name it by its number, which must never come back

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    shared: Mapped[bool] = mapped_column(default=False, server_default=false())
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, onupdate=utcnow)

    owner: Mapped[User | None] = relationship()


class AffiliateActivity(Base):
    """The latest of each kind, at one glance: the outbox knows it too, but has a row for each mail.

    It outlives the mails, which retention clears away, and goes with the affiliate.
    """

    __tablename__ = "affiliate_activity"

    affiliate_id: Mapped[int] = mapped_column(
        ForeignKey("affiliates.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    mailed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # accepted by the next server
    clicked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # by a person
    bounced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    complained_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ActivityMark(Base):
    """How far one source of the activity is read."""

    __tablename__ = "activity_marks"

    source: Mapped[str] = mapped_column(String(20), primary_key=True)
    last_id: Mapped[int] = mapped_column(BigInteger, default=0)
