"""Settings of the network, and the mail servers through which mail may leave."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, UtcDateTime, utcnow


class Setting(Base):
    """One named value: network_name, postal_address, from_name, … and how far set-up has come (`setup.*`)."""

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, onupdate=utcnow)


class MailServer(Base):
    """One way for mail to leave: a transport's kind with its values. Secrets lie in `MailServerSecret`.

    A server with `draft_until` exists only to test unsaved values and is deleted after that moment.
    """

    __tablename__ = "mail_servers"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    is_default: Mapped[bool] = mapped_column(default=False)
    max_per_second: Mapped[int | None]
    max_per_minute: Mapped[int | None]
    max_per_hour: Mapped[int | None]
    max_per_day: Mapped[int | None]
    connections: Mapped[int] = mapped_column(default=4)
    hours: Mapped[str] = mapped_column(
        String(20), default="", server_default=""
    )  # "08:00-20:00", announcements
    warm_up_first: Mapped[int | None]
    warm_up_growth: Mapped[int | None]  # percent a day
    warm_up_from: Mapped[str] = mapped_column(String(10), default="", server_default="")  # "2026-12-01"
    domain_limits: Mapped[str] = mapped_column(Text, default="", server_default="")
    sends_for: Mapped[str] = mapped_column(
        Text, default="", server_default=""
    )  # classes of mail, sender domains
    fallback_id: Mapped[int | None]  # goes on for this one when it rests or is paused
    fallback_for: Mapped[str] = mapped_column(String(20), default="", server_default="")  # all, operational
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_by: Mapped[str] = mapped_column(String(20), default="")  # person or sender
    paused_reason: Mapped[str] = mapped_column(Text, default="")
    paused_hint: Mapped[str] = mapped_column(Text, default="")
    draft_until: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    revision: Mapped[int] = mapped_column(default=1)  # grows with each change, so that senders reopen
    # "<revision>:<domain>" of the signed envelope sender that a connection test has shown to be accepted
    bounce_domain: Mapped[str] = mapped_column(String(280), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)

    secrets: Mapped[list["MailServerSecret"]] = relationship(cascade="all, delete-orphan")


class RenewedSecret(Base):
    """The newest successor of a secret that its provider replaces; `first` is the hash of the one in the settings.

    Whoever uses it borrows it until `lent_until`, as it may count as stolen when it is used twice.
    """

    __tablename__ = "renewed_secrets"

    first: Mapped[str] = mapped_column(String(64), primary_key=True)
    sealed: Mapped[str] = mapped_column(Text, default="")
    lent_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class MailServerSecret(Base):
    """A sealed secret of one field of one server; `vault` binds it to `mail_server:<id>:<field>`."""

    __tablename__ = "mail_server_secrets"
    __table_args__ = (UniqueConstraint("server_id", "field"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    server_id: Mapped[int] = mapped_column(ForeignKey("mail_servers.id", ondelete="CASCADE"))
    field: Mapped[str] = mapped_column(String(60))
    sealed: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    set_by: Mapped[str] = mapped_column(String(254), default="")
