"""The evidence of each yes and no: who chose what, when, in which way and from which mail. Only added to, never changed."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.db import Base, UtcDateTime, utcnow

ONE_CLICK, PAGE, UNDONE, PREFERENCES, OWN_PAGE = "one_click", "page", "undone", "preferences", "own_page"
REPLY = "reply"
WAYS = {
    ONE_CLICK: "with one click in the mail program",
    PAGE: "with the button behind the link of a mail",
    UNDONE: "with the button that takes it back",
    PREFERENCES: "on the page behind the link of a mail",
    OWN_PAGE: "signed in, on the own page",
    REPLY: "in a reply, entered by a colleague",
}


class Consent(Base):
    """`topic` is a scope of suppressions: `announcement` is all news at once. No address of a computer is kept."""

    __tablename__ = "consents"
    __table_args__ = (
        Index("ix_consents_address", "address", "id"),
        Index("ix_consents_mail", "mail_id"),
        {"sqlite_autoincrement": True},  # followed behind a mark
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int | None] = mapped_column(index=True)
    address: Mapped[str] = mapped_column(String(254))  # lower case
    topic: Mapped[str] = mapped_column(String(20))
    given: Mapped[bool]
    way: Mapped[str] = mapped_column(String(20))
    mail_id: Mapped[int | None] = mapped_column(
        BigInteger
    )  # kept without a foreign key: it outlives its mail
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


def record(
    session: Session,
    address: str,
    topic: str,
    *,
    given: bool,
    way: str,
    recipient_id: int | None,
    mail_id: int | None,
) -> None:
    """Write a yes or no down, in the transaction in which it begins to count."""
    session.add(
        Consent(
            recipient_id=recipient_id,
            address=address.strip().lower(),
            topic=topic,
            given=given,
            way=way,
            mail_id=mail_id,
        )
    )


def of_address(session: Session, address: str, limit: int = 50) -> list[Consent]:
    """What was chosen for this address, the newest first."""
    query = select(Consent).where(Consent.address == address.lower()).order_by(Consent.id.desc())
    return list(session.scalars(query.limit(limit)))
