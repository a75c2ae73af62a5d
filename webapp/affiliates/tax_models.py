"""The tax form of an affiliate: one, the latest."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, UtcDateTime, utcnow


class TaxForm(Base):
    """`sealed` is the file under the vault's key; None when it was handed in elsewhere. It goes with the affiliate."""

    __tablename__ = "tax_forms"

    affiliate_id: Mapped[int] = mapped_column(
        ForeignKey("affiliates.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    kind: Mapped[str] = mapped_column(String(10))  # pdf, jpeg, png, elsewhere
    size: Mapped[int] = mapped_column(default=0)  # of the file in bytes
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
