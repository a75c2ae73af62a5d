"""What failed and has not gone well since."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, UtcDateTime, utcnow


class Setback(Base):
    """One piece of a job, or with an empty `item` the job as a whole. Deleted as soon as it goes well."""

    __tablename__ = "setbacks"

    job: Mapped[str] = mapped_column(String(60), primary_key=True)
    item: Mapped[str] = mapped_column(String(120), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    words: Mapped[str] = mapped_column(String(300), default="")
    reference: Mapped[str] = mapped_column(String(8), default="")  # stands in the log beside the trace
    since: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    tried_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
