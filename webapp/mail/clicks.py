"""Clicks: the address by which a link of one mail leads through us, and what is kept of each time that somebody took it.

The address names the mail and is signed for this purpose alone (T9). The signature does not cover the number of the link:
whoever has one link of a mail has all of them, and none leads anywhere but where the message does. Of who clicked nothing
is kept but the mail, so no address of a computer and no name of a browser.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, UtcDateTime
from webapp.mail import links
from webapp.mail.models import BigKey
from webapp.vault import Vault

PURPOSE = "click"


class Click(Base):
    """One time that a counted link was taken. `machine` says by what it was known for a program; "" is a person."""

    __tablename__ = "clicks"
    __table_args__ = (
        Index("ix_clicks_mailing", "mailing_id", "link", "machine", "mail_id"),
        Index("ix_clicks_mail", "mail_id", "at"),
        {"sqlite_autoincrement": True},  # followed behind a mark
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    key: Mapped[str] = mapped_column(
        String(60), unique=True
    )  # spool file and line, so that none counts twice
    mail_id: Mapped[int] = mapped_column(BigInteger)
    mailing_id: Mapped[int | None]
    link: Mapped[int] = mapped_column(SmallInteger)  # its place in the links of the content
    machine: Mapped[str] = mapped_column(String(12), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)


def click_url(vault: Vault, tracking_url: str, mail_id: int) -> str:
    """The address of a mail's links, without their number."""
    return f"{tracking_url.rstrip('/')}/c/{links.make_token(vault, PURPOSE, mail_id)}"


def mail_named_by(vault: Vault, token: str) -> int:
    """The mail that a link was made for; `NotFound` for a forged or damaged one."""
    return links.mail_of(vault, PURPOSE, token)
