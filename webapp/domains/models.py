"""What checks found, so that a page need not ask again and a change for the worse is noticed."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, LargeBinary, String, Text, UniqueConstraint
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


class LoopTest(Base):
    """A mail that was sent to see how it arrives, or a source that somebody pasted. Only the verdicts are kept of what arrived.

    `token` stands in its subject: a server on the way may give it another Message-ID. `dkim` is pass, or why not.
    """

    __tablename__ = "loop_tests"
    __table_args__ = (Index("ix_loop_tests_domain", "domain", "id"), Index("ix_loop_tests_state", "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    domain: Mapped[str] = mapped_column(String(253))  # of the from address
    from_address: Mapped[str] = mapped_column(String(254), default="")
    address: Mapped[str] = mapped_column(String(254), default="")  # empty: not sent from here
    token: Mapped[str] = mapped_column(String(20), default="")
    way: Mapped[str] = mapped_column(String(10), default="paste")  # mailbox, paste
    kind: Mapped[str] = mapped_column(String(20), default="")
    mail_id: Mapped[int | None] = mapped_column(BigInteger)
    server: Mapped[str] = mapped_column(String(120), default="")
    receiver: Mapped[str] = mapped_column(
        String(253), default=""
    )  # the host whose word counts; empty: the last one
    state: Mapped[str] = mapped_column(String(10))  # waiting, judged, missing
    trouble: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[bytes] = mapped_column(LargeBinary, default=b"")  # what was pasted, until it is judged
    dkim: Mapped[str] = mapped_column(Text, default="")
    results: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    by: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    until: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)  # so long the mailbox is looked into
    judged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
