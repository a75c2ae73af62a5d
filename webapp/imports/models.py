"""The runs of an import."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, UtcDateTime, utcnow


class ImportRun(Base):
    """One import: the uploaded file in the spool, its column mapping, what a dry run found, what became of it."""

    __tablename__ = "import_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), default="affiliates", server_default="affiliates")
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
