"""Waits for the mail of a loop test and judges it. Nothing here runs inside a request: the mailbox and the DNS are asked."""

from datetime import timedelta

from sqlalchemy.orm import Session

from webapp.config import DEFAULT_ADDRESS
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.domains.lookup.resolver import Resolver
from webapp.domains.loop import store
from webapp.domains.loop.arrived import Arrived, Sent
from webapp.domains.loop.judging import Judged, judge
from webapp.domains.loop.ports import own_inbox
from webapp.domains.models import LoopTest
from webapp.errors import Invalid
from webapp.mail import verp
from webapp.mail.compose import Draft, compile_message
from webapp.mail.models import OutboxMail
from webapp.mail.outbox.identity import domain_of, message_id
from webapp.mail.states import FINAL, State
from webapp.mail.unsubscribe import unsubscribe_url

GONE = (State.SENT, State.UNKNOWN)
BEFORE = timedelta(minutes=1)  # clocks of mailbox and desk need not agree
LOST = "It did not arrive in time. Look into the folder for spam there, and under Returned mail."
CLEARED = "The mail is not kept any more. Make a new test."


def look(desk: Desk, number: int) -> bool:
    """Whether nothing is left to wait for: the mail was judged, or will not come."""
    with desk.reading() as session:
        test = session.get(LoopTest, number)
        if test is None or test.state not in (store.WAITING, store.JUDGING):
            return True
        mail = session.get(OutboxMail, test.mail_id) if test.mail_id else None
    if test.state == store.JUDGING:
        return _judge(desk, number, test.source, exact=False)
    if mail is None:
        return _miss(desk, number, CLEARED)
    if mail.state in FINAL and mail.state not in GONE:
        reason = f"{mail.code} {mail.detail}".strip() or mail.reason.replace("_", " ")
        return _miss(desk, number, f"The mail was not accepted ({mail.state}). {reason}")
    if mail.state in GONE and test.way == store.MAILBOX:
        return _fetch(desk, number, test)
    if utcnow() > test.until and test.way == store.MAILBOX:
        return _miss(
            desk, number, f"The mail did not leave in time: it is {mail.state}. {mail.detail}".strip()
        )
    return False


def _fetch(desk: Desk, number: int, test: LoopTest) -> bool:
    inbox = own_inbox()
    trouble = inbox.fetch(desk)
    with desk.reading() as session:
        raw = inbox.search(session, test.token, test.from_address, test.at - BEFORE)
    if raw is not None:
        return _judge(desk, number, raw, exact=True)
    if utcnow() > test.until:
        return _miss(desk, number, f"{LOST} {trouble}".strip())
    with desk.session() as session:
        session.get_one(LoopTest, number).trouble = trouble
    return False


def _judge(desk: Desk, number: int, raw: bytes, *, exact: bool) -> bool:
    with desk.reading() as session:
        test = session.get_one(LoopTest, number)
        sent = sent_of(desk, session, test)
    try:
        judged = judgement(desk, raw, sent=sent, receiver=test.receiver, exact=exact)
    except Invalid as error:
        return _miss(desk, number, str(error))
    with desk.session() as session:
        store.judge(session.get_one(LoopTest, number), judged)
    return True


def judgement(desk: Desk, raw: bytes, *, sent: Sent | None, receiver: str, exact: bool) -> Judged:
    """Judge a mail now; the DNS is asked, so call it with no transaction open. Raises `Invalid` for what has no From."""
    return judge(Arrived(raw, Resolver(desk.config.resolver), sent=sent, receiver=receiver, exact=exact))


def sent_of(desk: Desk, session: Session, test: LoopTest) -> Sent | None:
    """What left for this test; None for a pasted mail that was not sent from here, or is not kept any more."""
    mail = session.get(OutboxMail, test.mail_id) if test.mail_id else None
    if mail is None:
        return None
    draft = Draft.from_dict(mail.content.draft)
    known = message_id(mail.id, mail.key, mail.created_at, domain_of(mail.content.draft))
    leave = unsubscribe_url(desk.vault, draft.public_url or DEFAULT_ADDRESS, mail.id)
    raw = compile_message(draft, context=mail.content.context).fill(
        mail.address, {}, message_id=known, unsubscribe_url=leave if draft.announces else None, date=utcnow()
    )

    def is_ours(address: str) -> bool:
        named = verp.mail_named_by(desk.vault, [address])
        return named == mail.id or address == draft.from_address.lower()

    return Sent(known, mail.changed_at, draft.announces, raw, is_ours)


def _miss(desk: Desk, number: int, words: str) -> bool:
    with desk.session() as session:
        store.miss(session.get_one(LoopTest, number), words)
    return True
