"""Takes in what came back: stored first, then read, then acted on. Twice is once, whatever the order.

What was stored and then left lying, because the process was killed in between, is found by a sweep (`jobs`).

Anybody can write a bounce. So a hard one bars an address only if it came to the signed sender of a mail that really was
tried within the last fortnight, and if its code speaks of the address itself; all others are kept and counted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.db import inserting, utcnow
from webapp.desk import Desk
from webapp.feedback import ports
from webapp.feedback.barring import TRUSTED, bar
from webapp.feedback.matching import Match, mail_with_message_id, match
from webapp.feedback.models import ReturnedMail
from webapp.feedback.reader_process import Unreadable
from webapp.feedback.returned import Kind, Reading, Recipient, Severity, read
from webapp.mail import events
from webapp.mail.events import Happened
from webapp.mail.mime import LONGEST

OUR_OWN = "A mail of ours that came to our own mailbox. Nothing follows from it."
UNREADABLE = "unreadable"  # the kind of a mail that no reader survived
LEFT_AFTER = timedelta(minutes=2)  # nobody works on a mail for so long
HAPPENED = {
    Kind.BOUNCE: Happened.BOUNCED,
    Kind.COMPLAINT: Happened.COMPLAINED,
    Kind.AUTO_REPLY: Happened.AUTO_REPLIED,
    Kind.OTHER: Happened.REPLIED,
}


Read = Callable[[bytes], Reading]


@dataclass(frozen=True)
class TakenIn:
    """What was understood of a mail, and which of ours it belongs to."""

    reading: Reading
    mail_id: int | None
    note: str


def take_in(desk: Desk, raw: bytes, source: str, reader: Read = read) -> TakenIn:
    """Store a mail in a transaction of its own, then act on it; a known one is read again and changes nothing."""
    with desk.session() as session:
        number = store(session, raw, source)
    return work_off(desk, number, raw, reader)


def left_lying(session: Session, count: int) -> list[int]:
    """Stored mails on which nobody has acted, the oldest first."""
    waiting = select(ReturnedMail.id).where(
        ReturnedMail.kind == "", ReturnedMail.received_at < utcnow() - LEFT_AFTER
    )
    return list(session.scalars(waiting.order_by(ReturnedMail.id).limit(count)))


def work_off(desk: Desk, number: int, raw: bytes | None = None, reader: Read = read) -> TakenIn:
    """Read a stored mail and act on it, once. One that can't be read is set aside and says so."""
    if raw is None:
        with desk.reading() as session:
            raw = session.get_one(ReturnedMail, number).raw
    try:
        reading = reader(raw)
    except Unreadable as trouble:
        return _set_aside(desk, number, f"It could not be read: {trouble}. It is kept and changes nothing.")
    with desk.session() as session:
        stored = session.get_one(ReturnedMail, number, with_for_update=True)
        if not stored.kind:
            found = match(session, desk.vault, reading)
            stored.mail_id = found.mail.id if found else None
            stored.kind = reading.kind.value
            stored.sender, stored.subject = reading.sender[:254].lower(), reading.subject[:300]
            ours = _is_ours(session, reading)
            stored.note = OUR_OWN if ours else _act(session, stored, reading, found)
            if reading.personal and not ours:
                stored.note = ports.answered(session, stored, reading, found) or stored.note
        return TakenIn(reading, stored.mail_id, stored.note)


def _is_ours(session: Session, reading: Reading) -> bool:
    """Whether it is a mail of ours that came to our own mailbox, such as that of a loop test: no answer to anything."""
    about_others = reading.kind in (Kind.BOUNCE, Kind.COMPLAINT)
    return not about_others and mail_with_message_id(session, reading.message_id) is not None


def _set_aside(desk: Desk, number: int, note: str) -> TakenIn:
    with desk.session() as session:
        stored = session.get_one(ReturnedMail, number, with_for_update=True)
        if not stored.kind:
            stored.kind, stored.note = UNREADABLE, note
        return TakenIn(Reading(Kind.OTHER), stored.mail_id, stored.note)


def store(session: Session, raw: bytes, source: str) -> int:
    """Keep a mail, once for each content; the number under which it lies."""
    plain = raw[:LONGEST].replace(b"\r\n", b"\n").replace(b"\r", b"\n").strip()
    fingerprint = sha256(plain).hexdigest()
    row = {"fingerprint": fingerprint, "source": source, "raw": raw[:LONGEST]}
    session.execute(
        inserting(session, ReturnedMail).values(**row).on_conflict_do_nothing(index_elements=["fingerprint"])
    )
    return session.scalars(select(ReturnedMail.id).where(ReturnedMail.fingerprint == fingerprint)).one()


def _act(session: Session, stored: ReturnedMail, reading: Reading, found: Match | None) -> str:
    if found is None:
        return "It belongs to no mail that was sent from here: neither its address nor a Message-ID is ours."
    about = _about(reading, found)
    verified = found.signed and events.was_tried_lately(session, found.mail)
    if reading.kind is Kind.COMPLAINT:
        verified = True  # its Message-ID is known to nobody but the recipient
    new = events.record(
        session,
        {
            "key": f"mail:{stored.fingerprint}",
            "mail_id": found.mail.id,
            "kind": HAPPENED[reading.kind].value,
            "severity": about.severity.value if reading.kind is Kind.BOUNCE else "",
            "status": about.status,
            "words": about.reply,
            "verified": verified,
        },
    )
    if not new:
        return "So much is told of this mail already that this was kept and not counted."
    if verified:
        events.settle(session, found.mail)
    return _consequence(session, reading.kind, found, about, verified=verified)


def _consequence(session: Session, kind: Kind, found: Match, about: Recipient, *, verified: bool) -> str:
    if kind is Kind.COMPLAINT:
        bar(session, found.mail, "complained", "Complained that a mail was spam.")
        return "The recipient complained. Nothing is mailed to this address any more."
    if kind is not Kind.BOUNCE:
        return "An automatic answer." if kind is Kind.AUTO_REPLY else "An answer."
    if not verified:
        return "Counted only: it did not come to the signed address of a mail that was tried within the last 14 days."
    if about.severity is Severity.HARD and about.status in TRUSTED:
        bar(session, found.mail, "bounced", about.reply or about.status)
        return f"The address is no good ({about.status}). Nothing is mailed to it any more."
    return f"Counted only: a {about.severity.value} bounce, or one whose code does not speak of the address."


def _about(reading: Reading, found: Match) -> Recipient:
    """What is said of the address that we wrote to; a forwarded mail bounces with another one."""
    same = (one for one in reading.recipients if one.address.lower() == found.mail.address.lower())
    return next(same, next(iter(reading.recipients), Recipient(found.mail.address)))
