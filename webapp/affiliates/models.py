"""Affiliates and their groups."""

from datetime import datetime

from sqlalchemy import Computed, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import User
from webapp.db import Base, UtcDateTime, utcnow

NAME = (
    "CASE WHEN company <> '' THEN company WHEN first_name || last_name <> '' "
    "THEN trim(first_name || ' ' || last_name) ELSE address END"
)


def _in_lower_case(expression: str) -> Mapped[str | None]:
    """A column that the database keeps by itself: lists are searched and sorted by its index."""
    kept = Computed(f"lower({expression})", persisted=True)
    return mapped_column(String(254), kept, deferred=True)


def _found_by(column: str) -> Index:
    """An index by which `begins_with` finds rows on both databases."""
    return Index(f"ix_affiliates_{column}", column, postgresql_ops={column: "varchar_pattern_ops"})


class AffiliateGroup(Base):
    __tablename__ = "affiliate_groups"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)


class Affiliate(Base):
    """Somebody who promotes offers. `affiliate_id` is the tracking platform's own id; `email` keeps its case.

    `address` is the same address in lower case: what people search for and what suppressions are matched by.
    """

    __tablename__ = "affiliates"
    __table_args__ = (
        Index("ix_affiliates_status_id", "status", "id"),
        Index("ix_affiliates_status_name", "status", "name_lower", "id"),
        Index("ix_affiliates_name", "name_lower", "id"),
        _found_by("affiliate_id_lower"),
        _found_by("first_name_lower"),
        _found_by("last_name_lower"),
        _found_by("company_lower"),
        _found_by("address"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    affiliate_id: Mapped[str | None] = mapped_column(String(60), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    address: Mapped[str] = mapped_column(String(254))
    first_name: Mapped[str] = mapped_column(String(100), default="")
    last_name: Mapped[str] = mapped_column(String(100), default="")
    company: Mapped[str] = mapped_column(String(200), default="")
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
    tax_form_on: Mapped[str] = mapped_column(
        String(10), default="", server_default=""
    )  # YYYY-MM-DD, or not here yet
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, onupdate=utcnow)

    affiliate_id_lower: Mapped[str | None] = _in_lower_case("affiliate_id")
    first_name_lower: Mapped[str | None] = _in_lower_case("first_name")
    last_name_lower: Mapped[str | None] = _in_lower_case("last_name")
    company_lower: Mapped[str | None] = _in_lower_case("company")
    name_lower: Mapped[str | None] = _in_lower_case(NAME)

    group: Mapped[AffiliateGroup | None] = relationship()
    manager: Mapped[User | None] = relationship()

    @property
    def name(self) -> str:
        """What a list shows: the company, else the person, else the address."""
        return self.company or f"{self.first_name} {self.last_name}".strip() or self.email
