"""Sends the mail of a loop test: the way of every mail, through the outbox and the chosen server."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import AuditEntry, User
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.domains.loading import sending_domain, way_of
from webapp.domains.loop.ports import own_inbox
from webapp.domains.loop.store import MAILBOX, PASTE, WAITING, prune
from webapp.domains.models import LoopTest
from webapp.errors import Invalid
from webapp.mail.compose import Draft
from webapp.mail.outbox.enqueue import TEST_PRIORITY, enqueue_one
from webapp.mail.signing import keys
from webapp.mail.states import Kind
from webapp.settings import checks, servers, store
from webapp.settings.servers import Actor
from webapp.settings.setup import FOLDER

SENT = "loop test sent"
PER_HOUR = 10
PATIENCE = timedelta(minutes=15)
NO_MAILBOX = (
    "No mailbox is set up. Do that under Email settings, or send to an address and paste what arrives."
)

IN_A_FOLDER = (
    "Mail goes into a folder on this machine, so nothing can arrive. Choose or add a mail server that sends."
)


@dataclass(frozen=True)
class Wish:
    """`address` empty: to the app's own mailbox. `receiver`: the host whose Authentication-Results count, "" for the last."""

    from_address: str = ""
    address: str = ""
    server_id: int | None = None
    kind: str = Kind.OPERATIONAL
    receiver: str = ""


def start(desk: Desk, session: Session, by: Actor, wish: Wish) -> LoopTest:
    """Queue the mail and write the test down. Raises `Invalid` with a sentence a field."""
    sender = _sender(session, wish.from_address)
    address = _address(session, wish.address)
    server = servers.find(session, wish.server_id) if wish.server_id is not None else None
    way = server.kind if server else way_of(desk, session, domain_of_sender(sender)).kind
    if way == FOLDER:
        raise Invalid({"server": IN_A_FOLDER})
    if wish.kind == Kind.ANNOUNCEMENT and not store.identity(session).postal_address:
        raise Invalid({"kind": "An announcement must name your postal address. Set it under Email settings."})
    _slow_down(session, by)
    token = secrets.token_hex(5)
    draft = _draft(desk, session, sender, token, wish.kind)
    mail = enqueue_one(
        session,
        desk.vault,
        key=f"loop:{token}",
        content=draft.as_dict(),
        address=address,
        kind=wish.kind,
        priority=TEST_PRIORITY,
        server_id=server.id if server else None,
        patience=PATIENCE,
    )
    test = LoopTest(
        domain=domain_of_sender(sender),
        from_address=sender,
        address=address,
        token=token,
        way=PASTE if wish.address else MAILBOX,
        kind=wish.kind,
        mail_id=mail.id,
        server=server.name if server else "",
        receiver=wish.receiver.strip().lower()[:253],
        state=WAITING,
        by=by.id if isinstance(by, User) else None,
        until=utcnow() + PATIENCE,
    )
    session.add(test)
    session.flush()
    prune(session)
    audit.record(session, by, SENT, address, server=server.name if server else "as the routes say")
    return test


def possible_domains(session: Session) -> list[str]:
    """Domains from which a test may come: that of the from address, and those for which there are keys."""
    found = [sending_domain(session), *(key.domain for key in keys.every(session))]
    return list(dict.fromkeys(filter(None, found)))


def domain_of_sender(address: str) -> str:
    return keys.cleaned(address.rpartition("@")[2])


def _sender(session: Session, typed: str) -> str:
    address = typed.strip() or store.identity(session).from_address
    if not address:
        raise Invalid({"from_address": "There is no from address yet. Set it under Email settings first."})
    try:
        address = checks.address(address)
    except checks.Wrong as wrong:
        raise Invalid({"from_address": str(wrong)}) from None
    domains = possible_domains(session)
    if domain_of_sender(address) not in domains:
        words = f"A test comes from one of your own domains: {', '.join(domains)}."
        raise Invalid({"from_address": f"{words} Make a DKIM key for another one first."})
    return address


def _address(session: Session, typed: str) -> str:
    if not typed.strip():
        own = own_inbox().address(session)
        if not own:
            raise Invalid({"way": NO_MAILBOX})
        return own
    try:
        return checks.address(typed.strip())
    except checks.Wrong as wrong:
        raise Invalid({"address": str(wrong)}) from None


def _slow_down(session: Session, by: Actor) -> None:
    """The text is ours and says what it is, but it may go to anybody: so few an hour."""
    since = utcnow() - timedelta(hours=1)
    name = by if isinstance(by, str) else by.email
    query = select(func.count(AuditEntry.id)).where(
        AuditEntry.at > since, AuditEntry.action == SENT, AuditEntry.who == name
    )
    if (session.scalar(query) or 0) >= PER_HOUR and name != audit.COMMAND_LINE:
        raise Invalid({"": f"You sent {PER_HOUR} loop tests within an hour. Wait a little before the next."})


def _draft(desk: Desk, session: Session, sender: str, token: str, kind: str) -> Draft:
    identity = store.identity(session)
    announces = kind == Kind.ANNOUNCEMENT
    return Draft(
        subject=f"Loop test {token}",
        html=(
            "<p>This mail was sent to see how it arrives. Nobody has to answer it.</p>"
            "<p>It carries a link to compare: "
            f'<a href="https://{domain_of_sender(sender)}/loop-test?a=1&amp;b=2">our pages</a>. '
            "And a long line of letters beyond ASCII, äöü – “ß”, since some servers encode those anew.</p>"
        ),
        from_name=identity.sender_name,
        from_address=sender,
        reply_to=None,
        sender=None,
        kind="announcement" if announces else "operational",
        list_id=None,
        network_name=identity.network_name,
        postal_address=identity.postal_address,
        public_url=store.public_url(session, desk.config),
        domain_for_message_ids=sender.rpartition("@")[2],
    )
