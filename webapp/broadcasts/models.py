"""A message to affiliates. Its progress and outcome are those of its mailing (`webapp.mail.models.Mailing`)."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, UtcDateTime, utcnow
from webapp.mail.models import Mailing


class Broadcast(Base):
    """A draft until it has a mailing; from then on the mailing tells its state and nothing of it may change."""

    __tablename__ = "broadcasts"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    subject: Mapped[str] = mapped_column(Text, default="")
    html: Mapped[str] = mapped_column(Text, default="")
    preheader: Mapped[str] = mapped_column(Text, default="", server_default="")
    text: Mapped[str] = mapped_column(Text, default="", server_default="")  # empty: made from the HTML
    kind: Mapped[str] = mapped_column(String(20), default="announcement")
    audience: Mapped[str] = mapped_column(String(500), default="all")  # the expression of the command line
    sender_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL")
    )  # None: the network
    server_id: Mapped[int | None] = mapped_column(
        ForeignKey("mail_servers.id", ondelete="SET NULL")
    )  # None: the default
    offer_cid: Mapped[str] = mapped_column(String(60), default="", server_default="")  # "": about no offer
    counts_clicks: Mapped[bool] = mapped_column(default=False, server_default=false())
    counts_opens: Mapped[bool] = mapped_column(default=False, server_default=false())
    released_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    released_text: Mapped[str] = mapped_column(String(64), default="", server_default="")  # what he saw
    released_for: Mapped[int] = mapped_column(default=0, server_default="0")  # recipients that he saw
    overruled: Mapped[str] = mapped_column(String(200), default="", server_default="")  # rules, with a reason
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    send_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    waits_since: Mapped[datetime | None] = mapped_column(UtcDateTime)  # for a second person
    skip_missing: Mapped[bool] = mapped_column(default=True, server_default=true())
    held: Mapped[str] = mapped_column(Text, default="", server_default="")  # why it was not sent
    mailing_id: Mapped[int | None] = mapped_column(ForeignKey("mailings.id"), unique=True)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, onupdate=utcnow)

    mailing: Mapped[Mailing | None] = relationship()

    def withdraw(self, *, held: str = "") -> None:
        """Back to a draft that goes nowhere by itself; `held` says why it was not sent."""
        self.released_by = self.approved_by = self.send_at = self.waits_since = None
        self.released_text, self.released_for, self.overruled, self.held = "", 0, "", held

    @property
    def written(self) -> tuple[str, ...]:
        """All that its author wrote with tokens."""
        return self.subject, self.html, self.preheader, self.text
