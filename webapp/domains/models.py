"""What checks found, so that a page need not ask again and a change for the worse is noticed."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, UtcDateTime, utcnow


class DomainCheck(Base):
    """One check. `results` are the findings as `shapes.described` gives them; `worse` what nobody has acknowledged yet."""

    __tablename__ = "domain_checks"
    __table_args__ = (Index("ix_domain_checks_domain", "domain", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    domain: Mapped[str] = mapped_column(String(253))
    way: Mapped[str] = mapped_column(String(300), default="")  # through which server mail left then
    by: Mapped[int | None]  # the user; None: by itself
    failed: Mapped[int] = mapped_column(default=0)
    warned: Mapped[int] = mapped_column(default=0)
    unknown: Mapped[int] = mapped_column(default=0)
    results: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    worse: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    took_ms: Mapped[int] = mapped_column(default=0)
    queries: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class Look(Base):
    """A look into the DNS that somebody asked for. `found` is what the last one brought, where no check is kept of it."""

    __tablename__ = "domain_looks"
    __table_args__ = (UniqueConstraint("domain", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    domain: Mapped[str] = mapped_column(String(253))
    kind: Mapped[str] = mapped_column(String(10))  # check, records
    by: Mapped[int | None]
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trouble: Mapped[str] = mapped_column(Text, default="")  # why the last one brought nothing
    found: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    found_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Arrival(Base):
    """What was judged from the headers of a mail that had arrived. The headers themselves are not kept."""

    __tablename__ = "arrivals"
    __table_args__ = (Index("ix_arrivals_domain", "domain", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    domain: Mapped[str] = mapped_column(String(253))
    dkim: Mapped[str] = mapped_column(Text)  # pass, or why not
    results: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    by: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
