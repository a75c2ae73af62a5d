"""Signing in by a link from a mail: looked at without being spent, used once, replaced by a new one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts import audit, throttle
from webapp.accounts.models import User
from webapp.affiliates.audience import MAILABLE
from webapp.affiliates.models import Affiliate
from webapp.db import inserting, utcnow
from webapp.desk import Desk
from webapp.errors import Conflict, Invalid
from webapp.mail import links
from webapp.mail.models import OutboxMail
from webapp.mail.outbox.enqueue import enqueue_one
from webapp.mail.states import FINAL
from webapp.mail_templates import letters
from webapp.portal.models import UsedLink

TEMPLATE = "login_link"
LIFE = timedelta(hours=24)
SAME_ADDRESS = 5  # affiliates of one address who each get a link


@dataclass(frozen=True)
class Entrance:
    """Where a link leads. `affiliate` is None when it opens nothing (any more); `used` says whether that is by use."""

    path: str
    mail_id: int
    affiliate: Affiliate | None
    cid: str = ""
    used: bool = False


def look(session: Session, desk: Desk, path: str, token: str, now: datetime | None = None) -> Entrance:
    """What a link would open; changes nothing. `NotFound` for a forged or damaged one."""
    number = links.mail_of(desk.vault, links.purpose_of(path), token)
    mail = session.get(OutboxMail, number)
    affiliate = owner(session, mail)
    if mail is None or affiliate is None or _is_over(mail, now or utcnow()):
        return Entrance(path, number, None)
    used = session.get(UsedLink, (number, path)) is not None
    return Entrance(path, number, None if used else affiliate, mail.content.offer, used)


def owner(session: Session, mail: OutboxMail | None) -> Affiliate | None:
    """The affiliate to whom a mail went, while he is active and has the address to which it went."""
    if mail is None or mail.recipient_id is None:
        return None
    affiliate = session.get(Affiliate, mail.recipient_id)
    usable = affiliate is not None and affiliate.status == MAILABLE
    return affiliate if usable and affiliate and affiliate.address == mail.address.lower() else None


def owner_of(session: Session, mail_id: int) -> Affiliate | None:
    """The same by the number of the mail."""
    return owner(session, session.get(OutboxMail, mail_id))


def use(session: Session, entrance: Entrance) -> bool:
    """Spend it; False if somebody was faster."""
    row = inserting(session, UsedLink).values(mail_id=entrance.mail_id, path=entrance.path, used_at=utcnow())
    new = session.scalars(row.on_conflict_do_nothing().returning(UsedLink.mail_id)).all()
    if new and entrance.affiliate is not None:
        who = entrance.affiliate
        audit.record(
            session, f"affiliate {who.affiliate_id or f'#{who.id}'}", "affiliate signed in", who.name
        )
    return bool(new)


def replace(session: Session, desk: Desk, path: str, token: str, remote: str) -> None:
    """Send a new link in the place of this one, to the address on file. Whoever asks learns nothing."""
    wait = throttle.take(session, throttle.address(remote, "link-address"))
    if wait:
        raise Invalid({"": throttle.sentence(wait)})
    mail = session.get(OutboxMail, links.mail_of(desk.vault, links.purpose_of(path), token))
    affiliate = session.get(Affiliate, mail.recipient_id) if mail and mail.recipient_id else None
    if affiliate is not None:
        _send_if_usual(session, desk, affiliate)


def ask(session: Session, desk: Desk, address: str, remote: str) -> None:
    """Send a link to each affiliate of this address, if there is one. The caller answers the same in any case."""
    wait = throttle.take(session, throttle.address(remote, "link-address"))
    if wait:
        raise Invalid({"email": throttle.sentence(wait)})
    query = select(Affiliate).where(Affiliate.address == address.strip().lower()).order_by(Affiliate.id)
    for affiliate in session.scalars(query.limit(SAME_ADDRESS)).all():
        _send_if_usual(session, desk, affiliate)


def send(session: Session, desk: Desk, affiliate: Affiliate, by: User | str) -> OutboxMail:
    """Queue the mail with the link; `Conflict` says why it can't be."""
    if affiliate.status != MAILABLE:
        raise Conflict("Only active affiliates can sign in. Make the affiliate active first.")
    letter = letters.letter(session, desk.config, TEMPLATE)
    if letter is None or not letter.from_address:
        raise Conflict("No mail can leave yet: say under Email settings from which address it comes.")
    mail = enqueue_one(
        session,
        desk.vault,
        key=f"login:{affiliate.id}:{token_hex(8)}",
        content=letter.as_dict(),
        address=affiliate.email,
        recipient_id=affiliate.id,
        patience=LIFE,
    )
    audit.record(session, by, "login link sent", affiliate.name, affiliate=affiliate.id, mail=mail.id)
    return mail


def _send_if_usual(session: Session, desk: Desk, affiliate: Affiliate) -> None:
    """Not more often than a person needs it, and nothing that could be told apart from outside."""
    if affiliate.status != MAILABLE or throttle.take(session, throttle.account(str(affiliate.id), "link")):
        return
    try:
        send(session, desk, affiliate, "the affiliate")
    except Conflict:
        return


def _is_over(mail: OutboxMail, now: datetime) -> bool:
    """A day after it left. One that is still being tried may be the one that arrives."""
    return mail.state in FINAL and now - mail.changed_at > LIFE
