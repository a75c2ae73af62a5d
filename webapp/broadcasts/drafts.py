"""Writing a message: it is stored only when every token in it is known and its audience may be reached by its author."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.affiliates.audience import audience_query
from webapp.broadcasts.access import check_audience, check_offer, check_segments
from webapp.broadcasts.content import context_of, draft_from
from webapp.broadcasts.models import Broadcast
from webapp.config import Config
from webapp.errors import Conflict, Invalid
from webapp.mail.compose import Draft, TokenProblems, lint
from webapp.mail.states import Kind
from webapp.mail.tokens import Problem
from webapp.mail_templates import texts as templates
from webapp.settings.models import MailServer

WRITTEN = ("subject", "html", "preheader", "text")
LONGEST_NAME = 200


@dataclass(frozen=True)
class Text:
    """A message as its author wants it. `sender_id` None is the network, `server_id` None the default server, `offer` the
    CID that it is about."""

    subject: str
    html: str
    name: str = ""
    kind: str = "announcement"
    audience: str = "all"
    sender_id: int | None = None
    server_id: int | None = None
    offer: str = ""
    preheader: str = ""
    text: str = ""
    counts_clicks: bool = False
    counts_opens: bool = False


def create(session: Session, config: Config, user: User | None, text: Text) -> Broadcast:
    """A new draft. `user` None is the operator at the command line."""
    _check(session, config, user, user, text)
    broadcast = Broadcast(created_by=user.id if user else None)
    _write(broadcast, text)
    session.add(broadcast)
    session.flush()
    return broadcast


def change(session: Session, config: Config, user: User, broadcast: Broadcast, text: Text) -> None:
    """Store a changed draft; refused once the message was started."""
    session.refresh(broadcast, with_for_update=True)  # it may be started or approved just now
    if broadcast.mailing_id is not None:
        raise Conflict(
            "This message was started meanwhile, so its text stays as it was sent. Copy it instead."
        )
    _check(session, config, user, author_of(session, broadcast), text)
    _write(broadcast, text)
    broadcast.withdraw()
    session.flush()


def copy(session: Session, user: User, broadcast: Broadcast) -> Broadcast:
    """A draft of the user's own with the same text; its audience is checked when it is saved or sent."""
    twin = Broadcast(
        name=f"Copy of {broadcast.name}"[:LONGEST_NAME],
        subject=broadcast.subject,
        html=broadcast.html,
        preheader=broadcast.preheader,
        text=broadcast.text,
        kind=broadcast.kind,
        audience=broadcast.audience,
        server_id=broadcast.server_id,
        offer_cid=broadcast.offer_cid,
        counts_clicks=broadcast.counts_clicks,
        counts_opens=broadcast.counts_opens,
        created_by=user.id,
    )
    session.add(twin)
    session.flush()
    return twin


def delete(session: Session, user: User, broadcast: Broadcast) -> None:
    """Remove a draft. What was started stays: it is the record of what people got."""
    if broadcast.mailing_id is not None:
        raise Conflict("This message was started, so its record stays.")
    audit.record(session, user, "message.deleted", broadcast.name)
    session.delete(broadcast)


def author_of(session: Session, broadcast: Broadcast) -> User | None:
    """Whose affiliates “my affiliates” are."""
    return session.get(User, broadcast.created_by) if broadcast.created_by else None


def problems_of(draft: Draft, offer: str = "") -> list[Problem]:
    """What is wrong with what was written. A field that is still empty is no problem before sending."""
    empty = {name for name in ("subject", "html") if not getattr(draft, name).strip()}
    found = lint(draft, context=context_of(offer))
    return [problem for problem in found if problem.field in WRITTEN and problem.field not in empty]


def _check(session: Session, config: Config, user: User | None, author: User | None, text: Text) -> None:
    problems: dict[str, str] = {}
    for check in (_subject, _offer, _audience, _sender, _server):
        try:
            check(session, user, author, text)
        except Invalid as error:
            problems.update(error.problems)
    found = _tokens(session, config, text)
    if found:
        refusal = TokenProblems(found)
        refusal.problems.update(problems)
        raise refusal
    if problems:
        raise Invalid(problems)


def _subject(_session: Session, _user: User | None, _author: User | None, text: Text) -> None:
    if not text.subject.strip():
        raise Invalid({"subject": "Write a subject. It is also how you find the message again."})
    if text.kind not in {kind.value for kind in Kind}:
        raise Invalid({"kind": "Choose announcement or operational."})


def _offer(session: Session, user: User | None, _author: User | None, text: Text) -> None:
    check_offer(session, user, text.offer)


def _audience(session: Session, user: User | None, author: User | None, text: Text) -> None:
    check_audience(session, user, text.audience)
    check_segments(session, user, text.audience)
    audience_query(session, text.audience, author)


def _sender(session: Session, user: User | None, _author: User | None, text: Text) -> None:
    if text.sender_id is None or user is None or text.sender_id == user.id:
        return
    if not user.may("send_as_another"):
        raise Invalid({"sender": "You may write as the network or as yourself. Choose one of the two."})
    sender = session.get(User, text.sender_id)
    if sender is None or sender.disabled_at is not None:
        raise Invalid({"sender": "This colleague has no active account. Choose somebody else."})


def _server(session: Session, _user: User | None, _author: User | None, text: Text) -> None:
    if text.server_id is not None:
        known = select(MailServer.id).where(MailServer.id == text.server_id, MailServer.draft_until.is_(None))
        if session.scalar(known) is None:
            raise Invalid({"server": "This mail server was removed. Choose another one."})


def _tokens(session: Session, config: Config, text: Text) -> list[Problem]:
    draft = draft_from(session, config, templates.Text.of(text), text.kind, None)
    return problems_of(draft, text.offer)


def _write(broadcast: Broadcast, text: Text) -> None:
    broadcast.name = (text.name.strip() or text.subject.strip())[:LONGEST_NAME]
    broadcast.subject = " ".join(text.subject.split())
    broadcast.html = text.html.replace("\r\n", "\n")
    broadcast.preheader = " ".join(text.preheader.split())
    broadcast.text = text.text.replace("\r\n", "\n")
    broadcast.kind = text.kind
    broadcast.audience = text.audience
    broadcast.sender_id = text.sender_id
    broadcast.server_id = text.server_id
    broadcast.offer_cid = text.offer
    broadcast.counts_clicks = text.counts_clicks
    broadcast.counts_opens = text.counts_opens
