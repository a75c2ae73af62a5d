"""Templates with every text they ever had, and the layout around all of them."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy import Text as LongText
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, UtcDateTime, utcnow


class MailTemplate(Base):
    """A custom template, or what was changed about a system one: that has a row only from its first change on."""

    __tablename__ = "mail_templates"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    context: Mapped[str] = mapped_column(String(40))
    custom: Mapped[bool] = mapped_column(Boolean)
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    version: Mapped[int] = mapped_column(Integer, default=0)  # 0: the text that we ship
    uses: Mapped[int] = mapped_column(Integer, default=0)  # messages that began with it
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    changed_by: Mapped[str] = mapped_column(String(254), default="")


class TemplateVersion(Base):
    """One text of a template. It never changes: what was mailed from it can be looked up."""

    __tablename__ = "mail_template_versions"
    __table_args__ = (UniqueConstraint("template_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("mail_templates.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    subject: Mapped[str] = mapped_column(LongText)
    preheader: Mapped[str] = mapped_column(LongText, default="")
    html: Mapped[str] = mapped_column(LongText)
    text: Mapped[str] = mapped_column(LongText, default="")
    note: Mapped[str] = mapped_column(String(200), default="")
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    saved_by: Mapped[str] = mapped_column(String(254), default="")


class MailLayout(Base):
    """One row at most: how mails look that bring no design of their own."""

    __tablename__ = "mail_layouts"

    id: Mapped[int] = mapped_column(primary_key=True)
    logo_url: Mapped[str] = mapped_column(String(500), default="")
    accent: Mapped[str] = mapped_column(String(7))
    background: Mapped[str] = mapped_column(String(7))
    footer: Mapped[str] = mapped_column(LongText, default="")
