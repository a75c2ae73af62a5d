"""The table of replies."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import User
from webapp.affiliates.models import Affiliate
from webapp.db import Base, UtcDateTime, utcnow

UNREAD, READ, DONE = "unread", "read", "done"


class Reply(Base):
    """Something that an affiliate wrote. It outlives the mail that came (`returned_id`) and goes with the affiliate.

    `proven`: it came to the signed address that only this one mail of ours carried. Every other sender can be forged.
    """

    __tablename__ = "replies"
    __table_args__ = (
        Index("ix_replies_affiliate", "affiliate_id", "at", "id"),
        Index("ix_replies_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    returned_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    # Of the mail that came: it is a reply once, also if that is cleared away here and fetched a second time.
    fingerprint: Mapped[str | None] = mapped_column(String(64), unique=True)
    affiliate_id: Mapped[int] = mapped_column(ForeignKey("affiliates.id", ondelete="CASCADE"))
    mail_id: Mapped[int | None] = mapped_column(BigInteger)  # the mail of ours that it answers
    proven: Mapped[bool] = mapped_column(default=False)
    sender: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(300), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    quoted: Mapped[str] = mapped_column(Text, default="")
    files: Mapped[list[str]] = mapped_column(JSON, default=list)  # names of attachments
    asks_to_stop: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10), default=UNREAD)
    assigned_to: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)

    affiliate: Mapped[Affiliate] = relationship()
    assignee: Mapped[User | None] = relationship()
