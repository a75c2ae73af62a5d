"""Keys of other programs, and the answers that are kept for those who ask twice."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import User
from webapp.db import Base, UtcDateTime, utcnow


class ApiKey(Base):
    """What a program shows instead of a password. Only the SHA-256 of it is kept; `prefix` is its first part, for people."""

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    prefix: Mapped[str] = mapped_column(String(20), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[str]] = mapped_column(JSON, default=list)
    networks: Mapped[list[str]] = mapped_column(JSON, default=list)  # none: from everywhere
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship()


class KeptAnswer(Base):
    """A request with an Idempotency-Key, and its answer once there is one.

    `fence` is the number of the try that works on it: an answer is only kept, and its work only stored, `WHERE fence = ?`.
    """

    __tablename__ = "api_kept_answers"
    __table_args__ = (UniqueConstraint("key_id", "request"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id", ondelete="CASCADE"))
    request: Mapped[str] = mapped_column(String(64))  # SHA-256 of method, address and Idempotency-Key
    content: Mapped[str] = mapped_column(String(64))  # SHA-256 of the body
    fence: Mapped[int] = mapped_column(default=1)
    status: Mapped[int | None]  # None: somebody is working on it
    answer: Mapped[str] = mapped_column(Text, default="")
    mimetype: Mapped[str] = mapped_column(String(60), default="")
    claimed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, index=True)
