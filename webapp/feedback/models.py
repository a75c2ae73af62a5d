"""Mail that came back, as it came."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, UtcDateTime, utcnow
from webapp.mail.models import BigKey


class ReturnedMail(Base):
    """Stored before it is read, once for each content. `note` says in a sentence what was done with it, and why."""

    __tablename__ = "returned_mails"
    __table_args__ = (
        Index("ix_returned_mails_mail", "mail_id"),
        Index("ix_returned_mails_sender", "sender", postgresql_ops={"sender": "varchar_pattern_ops"}),
        Index("ix_returned_mails_kind", "kind", "id"),
        # Almost empty always: what was stored and not read yet.
        Index(
            "ix_returned_mails_unread",
            "id",
            sqlite_where=text("kind = ''"),
            postgresql_where=text("kind = ''"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(
        String(64), unique=True
    )  # SHA-256 of its content, whatever its line ends
    source: Mapped[str] = mapped_column(String(40))  # how it came: pipe
    kind: Mapped[str] = mapped_column(
        String(12), default=""
    )  # empty until it was read; unreadable: set aside
    sender: Mapped[str] = mapped_column(String(254), default="")  # lower case
    subject: Mapped[str] = mapped_column(String(300), default="")
    mail_id: Mapped[int | None] = mapped_column(BigInteger)  # the mail of ours that it is about
    note: Mapped[str] = mapped_column(Text, default="")
    # What became of a mail that is about none of ours: "" nothing yet, reply, assigned, dismissed.
    settled: Mapped[str] = mapped_column(String(10), default="", server_default="")
    raw: Mapped[bytes] = mapped_column(LargeBinary)  # the first million bytes
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
