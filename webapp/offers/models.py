"""Offers, their creatives, and the assignments of affiliates to them."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Date, ForeignKey, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import User
from webapp.affiliates.models import Affiliate
from webapp.db import Base, UtcDateTime, utcnow
from webapp.offers.money import Amount


class Offer(Base):
    """What affiliates promote. `cid` is its number in the tracking platform; `tracking_url` may hold tokens of the affiliate.

    For the type RevShare the payout is a share in per cent. Caps count conversions; None is no cap.
    """

    __tablename__ = "offers"
    __table_args__ = (Index("ix_offers_status_id", "status", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    cid: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200), index=True)
    title: Mapped[str] = mapped_column(String(200), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    special_instructions: Mapped[str] = mapped_column(Text, default="")
    type: Mapped[str] = mapped_column(String(40), default="CPA")
    category: Mapped[str] = mapped_column(String(100), default="")
    payout: Mapped[Decimal | None] = mapped_column(Amount)
    currency: Mapped[str] = mapped_column(String(3), default="USD")
    start_date: Mapped[date | None] = mapped_column(Date)
    end_date: Mapped[date | None] = mapped_column(Date)
    status: Mapped[str] = mapped_column(String(20), default="active")  # draft, active, paused, ended
    logo_url: Mapped[str] = mapped_column(Text, default="")
    tracking_url: Mapped[str] = mapped_column(Text, default="")
    suppression_list_url: Mapped[str] = mapped_column(Text, default="")
    from_lines: Mapped[str] = mapped_column(Text, default="")  # one a line
    subject_lines: Mapped[str] = mapped_column(Text, default="")
    daily_cap: Mapped[int | None]
    monthly_cap: Mapped[int | None]
    total_cap: Mapped[int | None]
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    approves_requests: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )  # at once, by itself
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, onupdate=utcnow)

    manager: Mapped[User | None] = relationship()

    @property
    def public_name(self) -> str:
        """What affiliates read: the public title, else the name."""
        return self.title or self.name


class Creative(Base):
    """Something to promote an offer with: a banner, a link, a text or an HTML mail. `code` is what affiliates copy."""

    __tablename__ = "creatives"

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))  # banner, link, text, mail
    name: Mapped[str] = mapped_column(String(200))
    code: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class Assignment(Base):
    """An affiliate on an offer, on which terms. Without own payout or link those of the offer count."""

    __tablename__ = "assignments"
    __table_args__ = (
        Index("ix_assignments_affiliate_id_state", "affiliate_id", "state"),
        Index("ix_assignments_offer_id_state", "offer_id", "state", "affiliate_id"),
        Index("ix_assignments_state", "state", "offer_id", "affiliate_id"),
    )

    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id", ondelete="CASCADE"), primary_key=True)
    affiliate_id: Mapped[int] = mapped_column(
        ForeignKey("affiliates.id", ondelete="CASCADE"), primary_key=True
    )
    state: Mapped[str] = mapped_column(
        String(10), default="requested"
    )  # requested, approved, denied, blocked
    payout: Mapped[Decimal | None] = mapped_column(Amount)
    tracking_url: Mapped[str] = mapped_column(Text, default="")
    cap: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, onupdate=utcnow)

    offer: Mapped[Offer] = relationship()
    affiliate: Mapped[Affiliate] = relationship()
