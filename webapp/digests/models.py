"""Digests, their editions, and who was told of which offers by them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.broadcasts.models import Broadcast
from webapp.db import Base, UtcDateTime, utcnow


class Digest(Base):
    """When, to whom and in whose name. What it says is a template of the kind `offer_digest`.

    `day` is the weekday (0 is Monday), the number of days between two, or the day of the month, by `every`.
    """

    __tablename__ = "digests"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    template: Mapped[str] = mapped_column(String(60), default="offer_digest")
    audience: Mapped[str] = mapped_column(String(500), default="all")
    sender_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    server_id: Mapped[int | None] = mapped_column(ForeignKey("mail_servers.id", ondelete="SET NULL"))
    every: Mapped[str] = mapped_column(String(10), default="week")  # week, days, month
    day: Mapped[int] = mapped_column(default=0)
    hour: Mapped[int] = mapped_column(default=9)  # in the network's time zone
    active: Mapped[bool] = mapped_column(default=False, server_default=false())
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    approved_text: Mapped[str] = mapped_column(String(64), default="", server_default="")  # what he saw
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    changed_by: Mapped[int | None]  # the last user who did
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, onupdate=utcnow)


class DigestEdition(Base):
    """One time that a digest was due, exactly one row for each. Without a message `said` tells why there is none."""

    __tablename__ = "digest_editions"
    __table_args__ = (UniqueConstraint("digest_id", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    digest_id: Mapped[int] = mapped_column(ForeignKey("digests.id", ondelete="CASCADE"))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    broadcast_id: Mapped[int | None] = mapped_column(ForeignKey("broadcasts.id", ondelete="SET NULL"))
    content_id: Mapped[int | None] = mapped_column(index=True)
    offers: Mapped[int] = mapped_column(default=0)
    said: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)

    broadcast: Mapped[Broadcast | None] = relationship()


class EditionOffer(Base):
    """An offer that an edition could tell of."""

    __tablename__ = "digest_edition_offers"
    __table_args__ = (Index("ix_digest_edition_offers_offer_id", "offer_id", "edition_id"),)

    edition_id: Mapped[int] = mapped_column(
        ForeignKey("digest_editions.id", ondelete="CASCADE"), primary_key=True
    )
    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id", ondelete="CASCADE"), primary_key=True)


class EditionReader(Base):
    """An affiliate to whom an edition went: its offers are no news for him any more."""

    __tablename__ = "digest_readers"

    affiliate_id: Mapped[int] = mapped_column(
        ForeignKey("affiliates.id", ondelete="CASCADE"), primary_key=True
    )
    edition_id: Mapped[int] = mapped_column(
        ForeignKey("digest_editions.id", ondelete="CASCADE"), primary_key=True, index=True
    )
