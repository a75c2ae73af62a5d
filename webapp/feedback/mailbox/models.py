"""The mailbox and how far it has been read."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, UtcDateTime
from webapp.mail.models import BigKey

ONLY = 1  # there is one mailbox: that of the bounce address


class Mailbox(Base):
    """`sealed` holds secrets by field, each bound to `mailbox:<field>`. `revision` grows with each change.

    An IMAP folder has been read up to `last_uid`, as long as it still has that `uid_validity` (RFC 9051 §2.3.1.1).
    """

    __tablename__ = "mailboxes"

    id: Mapped[int] = mapped_column(primary_key=True)
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    sealed: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    sealed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sealed_by: Mapped[str] = mapped_column(String(254), default="")
    uid_validity: Mapped[str] = mapped_column(String(20), default="")
    last_uid: Mapped[int] = mapped_column(BigInteger, default=0)
    looked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    worked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the last time without trouble
    fetched: Mapped[int] = mapped_column(BigInteger, default=0)
    trouble: Mapped[str] = mapped_column(Text, default="")


class PopMail(Base):
    """A mail of a POP3 mailbox that is stored here, by its unique id (RFC 1939 §7)."""

    __tablename__ = "pop_mails"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uid: Mapped[str] = mapped_column(String(70), unique=True)
