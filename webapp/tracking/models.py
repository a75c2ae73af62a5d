"""What is counted of openings, and how far the spool was taken in. Nothing here belongs to a person."""

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base


class OpenCount(Base):
    """How often the picture of a message was loaded on one day of the network: directly, or by proxies and programs."""

    __tablename__ = "open_counts"

    broadcast_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    direct: Mapped[int] = mapped_column(default=0)
    machines: Mapped[int] = mapped_column(default=0)


class SpoolPlace(Base):
    """How far a file of the spool was taken in; written with what was counted, so that nothing of it counts twice."""

    __tablename__ = "spool_places"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    place: Mapped[int] = mapped_column(BigInteger)


class RefusedHits(Base):
    """Clicks and openings of one day (UTC) that were not written down, because there were far too many of them."""

    __tablename__ = "refused_hits"

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    hits: Mapped[int] = mapped_column(BigInteger, default=0)
