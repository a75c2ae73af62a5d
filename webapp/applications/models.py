"""Applications of people who want to become affiliates."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, UtcDateTime, utcnow


class Application(Base):
    """What somebody typed into the public form. `unconfirmed` ones are nobody's business yet and are deleted after a week.

    Once approved it belongs to its affiliate and goes with him.
    """

    __tablename__ = "applications"
    __table_args__ = (Index("ix_applications_state", "state", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(12), default="unconfirmed")  # then waiting, approved, denied
    email: Mapped[str] = mapped_column(String(254))
    address: Mapped[str] = mapped_column(String(254), index=True)  # in lower case
    first_name: Mapped[str] = mapped_column(String(100))
    last_name: Mapped[str] = mapped_column(String(100))
    company: Mapped[str] = mapped_column(String(200), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    website: Mapped[str] = mapped_column(String(500), default="")
    traffic: Mapped[str] = mapped_column(Text, default="")  # how the applicant promotes, in his words
    terms_url: Mapped[str] = mapped_column(String(500), default="")  # the terms that were agreed to
    reason: Mapped[str] = mapped_column(Text, default="")  # of a denial
    affiliate_id: Mapped[int | None] = mapped_column(
        ForeignKey("affiliates.id", ondelete="CASCADE"), index=True
    )
    decided_by: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def person(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def name(self) -> str:
        """What a list shows: the company, else the person."""
        return self.company or self.person
