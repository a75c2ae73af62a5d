"""Notices as they were understood, with the sentence that says what each of them led to."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, UtcDateTime, utcnow
from webapp.mail.models import BigKey


class Notice(Base):
    """One thing that a service told, once for each of its own ids: what came again is known by `key`."""

    __tablename__ = "notices"
    __table_args__ = (
        Index("ix_notices_server", "server_id", "id"),
        Index("ix_notices_state", "state", "id"),
        Index("ix_notices_mail", "mail_id"),
        Index("ix_notices_recipient", "recipient", postgresql_ops={"recipient": "varchar_pattern_ops"}),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)  # "<server>:<id at the service>"
    server_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    permanent: Mapped[bool] = mapped_column(default=False)
    recipient: Mapped[str] = mapped_column(String(254), default="")  # lower case
    address: Mapped[str] = mapped_column(String(254), default="")  # the same as the service writes it
    provider_id: Mapped[str] = mapped_column(String(200), default="")
    sender: Mapped[str] = mapped_column(String(254), default="")  # with which the mail left
    message_id: Mapped[str] = mapped_column(String(300), default="")  # that we gave it
    code: Mapped[str] = mapped_column(String(12), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(8))  # waiting for its mail, done
    mail_id: Mapped[int | None] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(Text, default="")
    raw: Mapped[bytes] = mapped_column(LargeBinary, default=b"")  # as it came; not kept of a delivery
    at: Mapped[datetime] = mapped_column(UtcDateTime)  # as the service says
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
