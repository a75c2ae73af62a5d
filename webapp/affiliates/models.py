"""Affiliates, their groups, and the runs of an import."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import User
from webapp.db import Base, UtcDateTime, utcnow


class AffiliateGroup(Base):
    __tablename__ = "affiliate_groups"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)


class Affiliate(Base):
    """Somebody who promotes offers. `affiliate_id` is the tracking platform's own id; `email` keeps its case.

    `address` is the same address in lower case: what people search for and what suppressions are matched by.
    """

    __tablename__ = "affiliates"
    __table_args__ = (Index("ix_affiliates_status_id", "status", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    affiliate_id: Mapped[str | None] = mapped_column(String(60), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    address: Mapped[str] = mapped_column(String(254), index=True)
    first_name: Mapped[str] = mapped_column(String(100), default="", index=True)
    last_name: Mapped[str] = mapped_column(String(100), default="", index=True)
    company: Mapped[str] = mapped_column(String(200), default="", index=True)
    user_name: Mapped[str] = mapped_column(String(100), default="")
    status: Mapped[str] = mapped_column(String(20), default="active")  # active, pending, paused, closed
    group_id: Mapped[int | None] = mapped_column(
        ForeignKey("affiliate_groups.id", ondelete="SET NULL"), index=True
    )
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    alt_id: Mapped[str] = mapped_column(String(100), default="")
    additional_data1: Mapped[str] = mapped_column(Text, default="")
    additional_data2: Mapped[str] = mapped_column(Text, default="")
    tags: Mapped[str] = mapped_column(String(500), default="")  # comma-separated, sorted
    country: Mapped[str] = mapped_column(String(2), default="")
    language: Mapped[str] = mapped_column(String(10), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, onupdate=utcnow)

    group: Mapped[AffiliateGroup | None] = relationship()
    manager: Mapped[User | None] = relationship()

    @property
    def name(self) -> str:
        """What a list shows: the company, else the person, else the address."""
        return self.company or f"{self.first_name} {self.last_name}".strip() or self.email


class ImportRun(Base):
    """One import: the uploaded file in the spool, its column mapping, what a dry run found, what became of it."""

    __tablename__ = "import_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    file_name: Mapped[str] = mapped_column(String(200))
    spool_name: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(
        String(20), default="uploaded"
    )  # uploaded, checking, checked, importing, done, failed
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    found: Mapped[dict[str, Any]] = mapped_column(
        JSON, default=dict
    )  # dialect, header, counts, samples of the diff, refused rows
    done_rows: Mapped[int] = mapped_column(default=0)
    total_rows: Mapped[int] = mapped_column(default=0)
    detail: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
