"""The tables of the mail core. One durable row per mailing and recipient is the only truth about a mail."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, UtcDateTime, utcnow

PATIENCE = timedelta(days=5)  # how long a mail that is refused for now is tried again
BigKey = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers only INTEGER keys by itself


class MailContent(Base):
    """What is said, frozen at the start of a mailing: the fields of `compose.Draft` as JSON. Never changed afterwards."""

    __tablename__ = "mail_contents"

    id: Mapped[int] = mapped_column(primary_key=True)
    draft: Mapped[dict[str, Any]] = mapped_column(JSON)
    context: Mapped[str] = mapped_column(String(40), default="message")
    offer: Mapped[str] = mapped_column(String(60), default="", server_default="")  # the CID it is about
    # The name of the key that signs the envelope senders of its mails; set by the first claim, never changed.
    signed_with: Mapped[str] = mapped_column(String(12), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class Mailing(Base):
    """Mails started together. The counters move by delta in the transaction that moves the rows."""

    __tablename__ = "mailings"
    __table_args__ = (Index("ix_mailings_state", "state"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    content_id: Mapped[int] = mapped_column(ForeignKey("mail_contents.id"))
    kind: Mapped[str] = mapped_column(String(20))
    server_id: Mapped[int | None]  # None: whatever server is the default when a mail is claimed
    state: Mapped[str] = mapped_column(String(30), default="running")
    reason: Mapped[str] = mapped_column(Text, default="")  # why the sender paused it; "" when a person did
    created_by: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    total: Mapped[int] = mapped_column(default=0)
    queued: Mapped[int] = mapped_column(default=0)
    sending: Mapped[int] = mapped_column(default=0)
    sent: Mapped[int] = mapped_column(default=0)
    deferred: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    unknown: Mapped[int] = mapped_column(default=0)
    suppressed: Mapped[int] = mapped_column(default=0)
    cancelled: Mapped[int] = mapped_column(default=0)

    content: Mapped[MailContent] = relationship()


class OutboxMail(Base):
    """One mail to one recipient. `key` is what makes it one: a second attempt to enqueue the same is a no-op.

    `lease` is the fencing number of the claim under which the row is being sent: a result is only taken `WHERE lease = ?`.
    `values` holds what no directory knows (a reset link), sealed, and is emptied when the row is final.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        # Small on purpose: only rows that still have to leave are in it, however large the table grows.
        Index(
            "ix_outbox_waiting",
            "mailing_id",
            "priority",
            "not_before",
            "id",
            sqlite_where=text("state IN ('queued', 'deferred')"),
            postgresql_where=text("state IN ('queued', 'deferred')"),
        ),
        Index(
            "ix_outbox_leased",
            "lease_sender",
            sqlite_where=text("state = 'sending'"),
            postgresql_where=text("state = 'sending'"),
        ),
        Index("ix_outbox_mailing_state", "mailing_id", "state", "id"),
        Index("ix_outbox_address", "address"),
        Index("ix_outbox_recipient", "recipient_id"),
        {"sqlite_autoincrement": True},  # a row's id is part of its Message-ID and must never come back
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    key: Mapped[str] = mapped_column(
        String(80), unique=True
    )  # "<mailing>:<affiliate>", "reset:<link>", "test:<random>"
    mailing_id: Mapped[int | None] = mapped_column(ForeignKey("mailings.id"))
    content_id: Mapped[int] = mapped_column(ForeignKey("mail_contents.id"))
    recipient_id: Mapped[int | None]  # the affiliate
    address: Mapped[str] = mapped_column(String(254))
    kind: Mapped[str] = mapped_column(String(20))
    priority: Mapped[int] = mapped_column(SmallInteger, default=5)  # 1 operational, 2 test, 5 announcement
    server_id: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(12), default="queued")
    reason: Mapped[str] = mapped_column(
        String(40), default=""
    )  # why suppressed: unsubscribed, bounced, duplicate_address, …
    lease: Mapped[int | None] = mapped_column(BigInteger)
    lease_sender: Mapped[int | None]
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    give_up_at: Mapped[datetime] = mapped_column(UtcDateTime, default=lambda: utcnow() + PATIENCE)
    stage: Mapped[str] = mapped_column(String(12), default="")
    code: Mapped[str] = mapped_column(String(12), default="")
    detail: Mapped[str] = mapped_column(Text, default="")  # the server's own words
    provider_id: Mapped[str] = mapped_column(String(200), default="")
    values: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)

    mailing: Mapped[Mailing | None] = relationship()
    content: Mapped[MailContent] = relationship()


class Attempt(Base):
    """Evidence of one try. Append-only: a late result of a lost lease is kept here and overwrites nothing."""

    __tablename__ = "attempts"
    __table_args__ = (
        Index("ix_attempts_mail", "mail_id", "id"),
        {"sqlite_autoincrement": True},  # readers follow it behind a mark: a number must never come back
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    mail_id: Mapped[int] = mapped_column(ForeignKey("outbox.id", ondelete="CASCADE"))
    lease: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int] = mapped_column(SmallInteger)
    server_id: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(12))
    stage: Mapped[str] = mapped_column(String(12), default="")
    code: Mapped[str] = mapped_column(String(12), default="")
    detail: Mapped[str] = mapped_column(Text, default="")
    peer: Mapped[str] = mapped_column(String(100), default="")
    tls: Mapped[str] = mapped_column(String(60), default="")
    took_ms: Mapped[int] = mapped_column(default=0)
    late: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class Suppression(Base):
    """An address that is not to be mailed. `scope` announcement: left the news; all: bounced, complained or blocked."""

    __tablename__ = "suppressions"
    __table_args__ = (
        UniqueConstraint("address", "scope"),
        Index("ix_suppressions_address", "address", postgresql_ops={"address": "varchar_pattern_ops"}),
        {"sqlite_autoincrement": True},  # followed behind a mark
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(254))  # lower case
    scope: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(40))  # unsubscribed, bounced, complained, blocked
    note: Mapped[str] = mapped_column(Text, default="")
    mail_id: Mapped[int | None] = mapped_column(BigInteger)  # the mail through which it came, if any
    created_by: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class SenderProcess(Base):
    """A sender parent and its heartbeat. The pages say when none has been heard of for two minutes."""

    __tablename__ = "sender_processes"

    id: Mapped[int] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(String(200))
    pid: Mapped[int]
    boot_id: Mapped[str] = mapped_column(String(60), default="")
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    beat_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(String(200), default="")


class LeaseCounter(Base):
    """The one row that hands out fencing numbers; taken and raised in the claim's transaction."""

    __tablename__ = "lease_counter"

    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger, default=0)


class Restoration(Base):
    """A backup was put in the place of this database. Until somebody confirms that, no mail leaves."""

    __tablename__ = "restorations"

    id: Mapped[int] = mapped_column(primary_key=True)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None: it was only noticed
    restored_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[str] = mapped_column(String(254), default="")


class RateWindow(Base):
    """How much of a server's budget is used in the window that began at `starts_at` (epoch seconds)."""

    __tablename__ = "rate_windows"

    server_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    span: Mapped[str] = mapped_column(String(8), primary_key=True)  # second, minute, hour, day
    starts_at: Mapped[int] = mapped_column(BigInteger)
    used: Mapped[int] = mapped_column(default=0)


class DomainWindow(Base):
    """The same for mails to one recipient domain through this server."""

    __tablename__ = "domain_windows"

    server_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    domain: Mapped[str] = mapped_column(String(253), primary_key=True)
    span: Mapped[str] = mapped_column(String(8), primary_key=True)  # minute, hour, day
    starts_at: Mapped[int] = mapped_column(BigInteger)
    used: Mapped[int] = mapped_column(default=0)


class ServerRest(Base):
    """A mail server (domain "") or a domain at it that asked us to slow down. Forgotten when it takes everything again."""

    __tablename__ = "server_rests"

    server_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    domain: Mapped[str] = mapped_column(String(253), primary_key=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    seconds: Mapped[float]  # how long it rests this time; the next time twice as long
    allowed: Mapped[int] = mapped_column(default=1)  # connections after it; for a domain, mails at a time
    accepted: Mapped[int] = mapped_column(default=0)
    proved: Mapped[bool] = mapped_column(default=False)  # one mail was accepted since: it is more than a try
    words: Mapped[str] = mapped_column(Text, default="")
    since: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class DkimKey(Base):
    """A key for signing mail from `domain`. It signs while it is active; a pending one waits until its record is published."""

    __tablename__ = "dkim_keys"
    __table_args__ = (UniqueConstraint("domain", "selector"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    domain: Mapped[str] = mapped_column(String(253))  # ASCII, lower case
    selector: Mapped[str] = mapped_column(String(20))  # op1, op2, …: a number never comes back for a domain
    algorithm: Mapped[str] = mapped_column(String(10))  # rsa, ed25519
    public: Mapped[str] = mapped_column(Text)  # what stands behind p= in the record
    sealed: Mapped[str] = mapped_column(Text)  # the private key
    state: Mapped[str] = mapped_column(String(10), default="pending")  # pending, active, retired
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
