"""Users, one-time links, the throttle of sign-in and the audit trail."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.rights import PRESETS
from webapp.db import Base, UtcDateTime, utcnow


class User(Base):
    """Somebody who may sign in. `generation` grows with each password change or disabling: older sessions end."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # always lower case
    first_name: Mapped[str] = mapped_column(String(100), default="")
    last_name: Mapped[str] = mapped_column(String(100), default="")
    phone: Mapped[str] = mapped_column(String(50), default="")
    im: Mapped[str] = mapped_column(String(100), default="")
    picture: Mapped[str] = mapped_column(String(500), default="")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    rights: Mapped[list[str]] = mapped_column(JSON, default=list)
    preset: Mapped[str] = mapped_column(String(40), default="other")
    theme: Mapped[str] = mapped_column(String(10), default="")
    generation: Mapped[int] = mapped_column(default=1)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email

    @property
    def initials(self) -> str:
        letters = self.first_name[:1] + self.last_name[:1]
        return (letters or self.email[:2]).upper()

    @property
    def preset_label(self) -> str:
        return PRESETS[self.preset].label if self.preset in PRESETS else "Other"

    @property
    def state(self) -> str:
        """active, invited (no password yet) or disabled."""
        if self.disabled_at is not None:
            return "disabled"
        return "active" if self.password_hash else "invited"

    def may(self, right: str) -> bool:
        return self.disabled_at is None and right in self.rights

    # What Flask-Login asks of a user; written out, so that no model needs Flask.
    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        return self.disabled_at is None

    def get_id(self) -> str:
        """What a session carries: with the generation in it, a higher one ends the session."""
        return f"{self.id}:{self.generation}"


class OneTimeLink(Base):
    """A link that works once. Only the SHA-256 of its token is kept."""

    __tablename__ = "one_time_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))  # setup, invitation, reset
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User | None] = relationship()


class SignInThrottle(Base):
    """Failed attempts per account and per address; the wait grows, nobody is locked out for good."""

    __tablename__ = "sign_in_throttle"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class AuditEntry(Base):
    """Who did what, when. Append-only; never holds a secret."""

    __tablename__ = "audit_trail"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, index=True)
    user_id: Mapped[int | None]  # kept without a foreign key: an entry outlives its user
    who: Mapped[str] = mapped_column(String(254))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(254), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class SecondFactor(Base):
    """An app that makes a new code every 30 seconds (RFC 6238). Without `confirmed_at` it was begun and counts for nothing."""

    __tablename__ = "second_factors"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    sealed: Mapped[str] = mapped_column(String(500))  # the secret that app and desk share
    last_step: Mapped[int] = mapped_column(default=0)  # of the last code that was taken: none is taken twice
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecoveryCode(Base):
    """Opens once in the place of the app. Only the SHA-256 is kept, and the row goes with its use."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
