"""What the guards count and remember. Mails and events stay where they are; these rows are sums of them."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, UtcDateTime, utcnow

ALL = ""  # as recipient: whatever the domain


class TallyDay(Base):
    """One day (UTC) of one sending domain and kind of mail to one recipient domain, or to `ALL`. Only ever grows."""

    __tablename__ = "tally_days"
    __table_args__ = (Index("ix_tally_days_busiest", "sender", "day", "accepted"),)

    sender: Mapped[str] = mapped_column(String(253), primary_key=True)
    recipient: Mapped[str] = mapped_column(String(253), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)  # "2026-11-25"
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    accepted: Mapped[int] = mapped_column(default=0)
    deferred: Mapped[int] = mapped_column(default=0)  # answers, not mails: a mail may be deferred often
    refused: Mapped[int] = mapped_column(default=0)
    gone: Mapped[int] = mapped_column(default=0)  # those of the refused whose address does not exist
    hard: Mapped[int] = mapped_column(default=0)  # mails that bounced hard afterwards
    soft: Mapped[int] = mapped_column(default=0)
    complained: Mapped[int] = mapped_column(default=0)
    unsubscribed: Mapped[int] = mapped_column(default=0)


class TallyMark(Base):
    """How far one source of the tally is counted."""

    __tablename__ = "tally_marks"

    source: Mapped[str] = mapped_column(String(20), primary_key=True)
    last_id: Mapped[int] = mapped_column(BigInteger, default=0)
    last_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MailingCount(Base):
    """Mails of one mailing that bounced hard or led to a complaint: counted when the event comes, each mail once."""

    __tablename__ = "mailing_counts"

    mailing_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hard: Mapped[int] = mapped_column(default=0)
    complained: Mapped[int] = mapped_column(default=0)


class GuardPause(Base):
    """A guard paused a mailing. What stood then is taken off the next judgement: whoever resumes begins anew."""

    __tablename__ = "guard_pauses"
    __table_args__ = (
        Index("ix_guard_pauses_mailing", "mailing_id"),
        Index("ix_guard_pauses_sender", "sender"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mailing_id: Mapped[int]
    sender: Mapped[str] = mapped_column(String(253))
    rule: Mapped[str] = mapped_column(String(4))
    whole: Mapped[bool] = mapped_column(default=False)  # it was about the domain, not about this one mailing
    words: Mapped[str] = mapped_column(Text)
    sent: Mapped[int] = mapped_column(default=0)  # what was judged
    bad: Mapped[int] = mapped_column(default=0)
    day: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class FeedbackLoop(Base):
    """A receiver's programme for senders in which somebody here has enrolled."""

    __tablename__ = "feedback_loops"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    done_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    done_by: Mapped[str] = mapped_column(String(254), default="")
