"""Sums that outlive the mails they were made of."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, UtcDateTime


class ReportSum(Base):
    """What was heard on one day, or in one month (“m2026-11”), of the mails that `facet` and `value` name.

    Days are those of the network's time zone as it was when they were counted. `owner` is who made the message, 0 where
    nobody did: he may see his own. Each facet holds all mails once, so that each adds up to the same.
    """

    __tablename__ = "report_sums"

    facet: Mapped[str] = mapped_column(String(10), primary_key=True)
    span: Mapped[str] = mapped_column(String(10), primary_key=True)
    owner: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[str] = mapped_column(String(253), primary_key=True)
    accepted: Mapped[int] = mapped_column(default=0)
    deferred: Mapped[int] = mapped_column(default=0)  # answers, not mails: a mail may be deferred often
    failed: Mapped[int] = mapped_column(default=0)
    unknown: Mapped[int] = mapped_column(default=0)
    hard: Mapped[int] = mapped_column(default=0)
    soft: Mapped[int] = mapped_column(default=0)
    complained: Mapped[int] = mapped_column(default=0)
    unsubscribed: Mapped[int] = mapped_column(default=0)
    clicked: Mapped[int] = mapped_column(
        default=0
    )  # mails of which a person took a link, each on the first day
    clicks: Mapped[int] = mapped_column(default=0)  # of people
    machines: Mapped[int] = mapped_column(default=0)  # clicks of programs


class MailingReport(Base):
    """A mailing by recipient domain and by reason, as `webapp.reports.parts` counted it. It is counted anew when `heard`,
    which grows with whatever is heard of one of its mails, is not what it was then.
    """

    __tablename__ = "mailing_reports"

    mailing_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    heard: Mapped[int] = mapped_column(default=0)
    counted: Mapped[int] = mapped_column(default=-1)
    counted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    totals: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    parts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, deferred=True)
