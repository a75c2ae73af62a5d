"""From a draft to a running mailing. The text and the number that a person approved are those that leave, or none."""

import json
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.affiliates.audience import audience_query
from webapp.among import among
from webapp.broadcasts.access import GONE, check_audience, check_offer, check_segments, may_steer
from webapp.broadcasts.content import context_of, draft_of, draft_to_send, scopes_of
from webapp.broadcasts.drafts import author_of
from webapp.broadcasts.frequency import spare
from webapp.broadcasts.models import Broadcast
from webapp.broadcasts.reach import lacking, needed
from webapp.config import Config
from webapp.errors import Conflict, Invalid, NotFound
from webapp.mail.compose import compile_message
from webapp.mail.models import Mailing, OutboxMail
from webapp.mail.outbox.enqueue import leave_out, start_mailing
from webapp.settings.models import MailServer

ASK_ABOVE = 50  # more recipients than this are confirmed by typing their number
MISSING = "missing_value"
CHANGED = "The message was changed after you looked at it. Review it once more."


def fingerprint(session: Session, config: Config, broadcast: Broadcast) -> str:
    """Changes with whatever a recipient would see and with who the recipients are."""
    said = draft_of(session, config, broadcast).as_dict()
    chosen = (broadcast.audience, broadcast.server_id, broadcast.offer_cid, broadcast.counts_clicks)
    whole = json.dumps([said, *chosen, broadcast.counts_opens], sort_keys=True)
    return sha256(whole.encode()).hexdigest()[:24]


def start(
    session: Session,
    config: Config,
    user: User | None,
    broadcast_id: int,
    *,
    approved: str | None = None,
    skip_missing: bool = True,
) -> Mailing:
    """Start it; a second time changes nothing. `user` None is the operator, `approved` the text that was looked at."""
    broadcast = session.get(Broadcast, broadcast_id, with_for_update=True, populate_existing=True)
    if broadcast is None:
        raise NotFound(GONE)
    if broadcast.mailing is not None:
        return broadcast.mailing
    check(session, user, broadcast)
    if approved is not None and approved != fingerprint(session, config, broadcast):
        raise Conflict(CHANGED)
    context = context_of(broadcast.offer_cid)
    draft = draft_to_send(session, config, broadcast)
    compile_message(draft, context=context)
    author = author_of(session, broadcast)
    broadcast.mailing = start_mailing(
        session,
        content=draft.as_dict(),
        context=context,
        offer=broadcast.offer_cid,
        kind=broadcast.kind,
        server_id=broadcast.server_id,
        created_by=user.id if user else broadcast.created_by,
        audience=audience_query(session, broadcast.audience, author),  # type: ignore[arg-type]
    )
    if skip_missing:
        skip_lacking(session, broadcast, author)
    spare(session, broadcast.mailing)
    _refuse_nobody(broadcast.mailing)
    session.flush()
    audit.record(
        session,
        user or audit.COMMAND_LINE,
        "message.started",
        broadcast.name,
        recipients=broadcast.mailing.total,
    )
    return broadcast.mailing


def check(session: Session, user: User | None, broadcast: Broadcast) -> None:
    """Refuse to let mail leave for somebody who may not send it (any more)."""
    if user is not None and not may_steer(user, broadcast):
        raise NotFound(GONE)
    check_audience(session, user, broadcast.audience)
    check_offer(session, user, broadcast.offer_cid)
    if (
        broadcast.mailing_id is None
    ):  # later whoever resumes it answers for it: a copy would reach people twice
        check_segments(session, user, broadcast.audience)
        _check_people(session, user, broadcast)
    if session.scalar(select(MailServer.id).where(MailServer.draft_until.is_(None)).limit(1)) is None:
        raise Conflict("There is no mail server yet. Say under Email settings how mail leaves.")


def _check_people(session: Session, user: User | None, broadcast: Broadcast) -> None:
    author = author_of(session, broadcast)
    if author is not None and author.disabled_at is not None:
        raise Conflict(
            f"The account of {author.name}, who wrote this, was disabled. Copy the message and send the copy."
        )
    sender = session.get(User, broadcast.sender_id) if broadcast.sender_id else None
    if sender is not None and sender.disabled_at is not None:
        raise Conflict(f"The account of {sender.name} was disabled. Choose another sender.")
    if sender is None or user is None or sender.id in (user.id, broadcast.created_by):
        return
    if not user.may("send_as_another"):
        raise Conflict(f"You may not write as {sender.name}. Choose another sender.")


def skip_lacking(session: Session, broadcast: Broadcast, author: User | None) -> None:
    """Who lacks a value keeps a row that says so."""
    mailing = broadcast.mailing
    keys = needed(session, *broadcast.written, offer=broadcast.offer_cid)
    if mailing is None or not keys:
        return
    scopes = scopes_of(broadcast.kind, broadcast.offer_cid)
    people = lacking(session, broadcast.audience, author, scopes, keys)
    leave_out(session, mailing, among(OutboxMail.recipient_id, people), MISSING)


def _refuse_nobody(mailing: Mailing) -> None:
    if mailing.queued == 0:
        raise Invalid(
            {"audience": "Nobody would get this message. Choose another audience, or see who is left out."}
        )
