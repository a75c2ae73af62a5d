"""The test mail: it takes the same way as every other mail, through the outbox, the sender and its log."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from html import escape

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import AuditEntry, User
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.errors import Invalid
from webapp.mail.compose import Draft
from webapp.mail.models import OutboxMail, SenderProcess
from webapp.mail.outbox.enqueue import TEST_PRIORITY, enqueue_one
from webapp.mail.states import FINAL, Kind, State
from webapp.settings import checks, servers, store
from webapp.settings.models import MailServer
from webapp.settings.servers import Actor, who

PREFIX = "test:"
SENT = "test mail sent"
PER_HOUR = 30
PATIENCE = timedelta(minutes=15)  # as long as a draft server lives


def allowed_address(session: Session, text: str) -> str:
    """A test mail goes to people with an account here and to the network's own addresses, to nobody else."""
    try:
        address = checks.address(text.strip()) if text.strip() else ""
    except checks.Wrong as wrong:
        raise Invalid({"test_to": str(wrong)}) from None
    if not address:
        raise Invalid({"test_to": "Type the address to which the test mail goes."})
    if address.lower() not in _own_addresses(session):
        words = "A test mail only goes to people with an account here, or to your own from and reply address."
        raise Invalid({"test_to": f"{words} Use one of these, or add {address} under Users & rights."})
    return address


def send(
    desk: Desk,
    session: Session,
    by: Actor,
    address: str,
    server: MailServer | None,
    identity: store.Identity | None = None,
) -> OutboxMail:
    """Queue a test mail through this server, or through the default one; `identity` may be one that nobody has saved."""
    identity = identity or store.identity(session)
    if not identity.from_address:
        raise Invalid(
            {"from_address": "There is no from address yet. Set it first: a mail must come from somewhere."}
        )
    _slow_down(session, by)
    audit.record(session, by, SENT, address, server=server.name if server else "default")
    return enqueue_one(
        session,
        desk.vault,
        key=f"{PREFIX}{secrets.token_urlsafe(12)}",
        content=_content(desk, session, identity, server).as_dict(),
        address=address,
        kind=Kind.OPERATIONAL,
        priority=TEST_PRIORITY,
        server_id=server.id if server else None,
        patience=PATIENCE,
    )


def find(session: Session, mail_id: int) -> OutboxMail | None:
    """A test mail by its number; nothing else in the outbox can be looked at this way."""
    query = select(OutboxMail).where(
        OutboxMail.id == mail_id, OutboxMail.key.startswith(PREFIX, autoescape=True)
    )
    return session.scalar(query.execution_options(populate_existing=True))


def latest(session: Session) -> OutboxMail | None:
    """The newest test mail."""
    query = select(OutboxMail).where(
        OutboxMail.key.startswith(PREFIX, autoescape=True), OutboxMail.mailing_id.is_(None)
    )
    return session.scalar(query.order_by(OutboxMail.id.desc()).limit(1))


def _own_addresses(session: Session) -> set[str]:
    identity = store.identity(session)
    staff = session.scalars(select(func.lower(User.email)).where(User.disabled_at.is_(None)))
    return {*staff, identity.from_address.lower(), identity.reply_to.lower()} - {""}


def _slow_down(session: Session, by: Actor) -> None:
    name = by if isinstance(by, str) else by.email
    since = utcnow() - timedelta(hours=1)
    query = select(func.count(AuditEntry.id)).where(
        AuditEntry.at > since, AuditEntry.action == SENT, AuditEntry.who == name
    )
    if (session.scalar(query) or 0) >= PER_HOUR and who(by) != audit.COMMAND_LINE:
        raise Invalid(
            {"test_to": f"You sent {PER_HOUR} test mails within an hour. Wait a little before the next."}
        )


def _content(desk: Desk, session: Session, identity: store.Identity, server: MailServer | None) -> Draft:
    through = (
        f"the mail server “{_escaped(server.name)}”"
        if server and not server.draft_until
        else "the values you are trying"
    )
    if server is None:
        through = "the default mail server"
    return Draft(
        subject=f"Test mail from {identity.network_name or identity.sender_name or 'Offerpost'}",
        html=(
            "<p>This is a test mail.</p>"
            f"<p>It left through {through}, the same way as every mail of your network. "
            "If you can read it, mail leaves.</p><p>Look whether it came to the inbox or to spam: "
            "that is decided by your domain’s SPF, DKIM and DMARC records.</p>"
        ),
        from_name=identity.sender_name,
        from_address=identity.from_address,
        reply_to=identity.reply_to or None,
        sender=None,
        kind="operational",
        list_id=None,
        network_name=identity.network_name,
        postal_address=identity.postal_address,
        public_url=store.public_url(session, desk.config),
        domain_for_message_ids=identity.from_address.rpartition("@")[2],
    )


def _escaped(name: str) -> str:
    return escape(name).replace("[=", "[ =")


@dataclass(frozen=True)
class Words:
    """The outcome of a test mail in words. `open` says that it may still change."""

    through: str
    said: str
    remark: str
    open: bool
    kind: str = ""


def words(session: Session, mail: OutboxMail) -> Words:
    """What became of a test mail, with a remark when nobody is there to send it."""
    server = session.get(MailServer, mail.server_id) if mail.server_id else servers.default(session)
    through = "" if server is None else "unsaved values" if server.draft_until else server.name
    undecided = mail.state not in FINAL
    remark = ""
    if undecided and server is not None and server.paused_at:
        remark = f"{server.name} is paused. {server.paused_reason} {server.paused_hint}".strip()
    elif undecided and not _sender_lives(session):
        remark = "Nothing is being sent: no sender is running. Start it with “offerpost serve” or “offerpost worker”."
    elif mail.state == State.SUPPRESSED:
        remark = f"This address is not to be mailed: {mail.reason.replace('_', ' ')}."
    return Words(
        through, f"{mail.code} {mail.detail}".strip(), remark, undecided, server.kind if server else ""
    )


def _sender_lives(session: Session) -> bool:
    since = utcnow() - timedelta(minutes=2)
    query = select(SenderProcess.id).where(SenderProcess.beat_at > since, SenderProcess.ended_at.is_(None))
    return session.scalar(query.limit(1)) is not None
