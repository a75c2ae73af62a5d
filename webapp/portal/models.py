"""Who is signed in to his own page, and which links were used for it."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, UtcDateTime, utcnow


class PortalSession(Base):
    """An affiliate's session. The cookie holds a random token, the row its SHA-256; without the row it is worth nothing."""

    __tablename__ = "portal_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    affiliate_id: Mapped[int] = mapped_column(ForeignKey("affiliates.id", ondelete="CASCADE"), index=True)
    address: Mapped[str] = mapped_column(
        String(254), server_default=""
    )  # his when he signed in; another one ends the session
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class UsedLink(Base):
    """A link that has signed somebody in. Of two presses at the same time, the key lets one through."""

    __tablename__ = "used_links"

    mail_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("outbox.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    path: Mapped[str] = mapped_column(String(1), primary_key=True)  # of `mail.links`: what the link is for
    used_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
