"""Puts an edition into the outbox when it is due: once, whoever looks and however often, in one transaction with its time.

The row of the digest is locked, its next time is moved and the edition written before anybody is mailed: a second clockwork
finds it done, and a process that dies leaves all of it or nothing.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Select, delete, exists, insert, literal, select
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.affiliates.audience import audience_query
from webapp.affiliates.models import Affiliate
from webapp.announce import Happening, announce
from webapp.broadcasts import release, starting
from webapp.broadcasts.content import feedback_id
from webapp.broadcasts.frequency import spare
from webapp.broadcasts.models import Broadcast
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.digests import news, service
from webapp.digests.access import may_steer
from webapp.digests.jobs import ISSUE_DUE
from webapp.digests.models import Digest, DigestEdition, EditionOffer, EditionReader
from webapp.digests.values import EVERYTHING
from webapp.errors import DomainError, Invalid
from webapp.mail.compose import Draft, compile_message
from webapp.mail.models import Mailing, OutboxMail
from webapp.mail.outbox.enqueue import start_mailing
from webapp.mail.states import State
from webapp.mail.tokens.catalogue import OFFER_DIGEST
from webapp.mail_templates import queries
from webapp.mail_templates.looking import values_of
from webapp.mailcheck.report import report_of
from webapp.mailcheck.samples import pick
from webapp.setbacks.work import Pieces
from webapp.settings import store

log = logging.getLogger("offerpost.digests")

TOO_LATE = timedelta(days=1)
NOTHING = "There was nothing new for anybody, so nobody was mailed."
MISSED = "Offerpost was not running when it was due, and a day had passed. The next edition tells it all."
NEVER_LEFT = (State.FAILED.value, State.CANCELLED.value, State.SUPPRESSED.value)


class _NothingNew(DomainError):
    """Nobody would get this edition."""


def issue_due(desk: Desk) -> int:
    """Send whatever is due; how many editions led to a mail."""
    with desk.reading() as session:
        due = session.scalars(_due()).all()
    pieces = Pieces(desk, ISSUE_DUE)
    return sum(bool(pieces.do(f"digest {each}", partial(issue, desk, each))) for each in due)


def _due() -> Select[int]:
    return select(Digest.id).where(Digest.active, Digest.next_at <= utcnow()).order_by(Digest.next_at)


def issue(desk: Desk, digest_id: int, session: Session) -> bool:
    """The edition that is due, if it still is. What keeps it from leaving is said in its row, and whoever made it hears of it."""
    digest = session.get(Digest, digest_id, with_for_update=True, populate_existing=True)
    if digest is None or not digest.active or digest.next_at is None or digest.next_at > utcnow():
        return False
    due_at, digest.next_at = digest.next_at, service.next_time(session, digest)
    edition = DigestEdition(digest_id=digest.id, due_at=due_at)
    session.add(edition)
    session.flush()
    try:
        with session.begin_nested():
            _sent(session, desk, digest, edition)
        return True
    except _NothingNew:
        session.refresh(edition)
        edition.said = NOTHING
    except DomainError as error:
        session.refresh(edition)
        edition.said = f"It was not sent. {_said(error)}"
        _tell(session, digest, due_at, edition.said)
    return False


def audience_of(session: Session, digest: Digest, offers: Sequence[int]) -> Select[int, str]:
    """Whom an edition with these offers goes to: the digest's audience as far as something is new for them."""
    query = audience_query(session, digest.audience, service.author_of(session, digest))
    return query.where(news.has_news(session, offers))


def _sent(session: Session, desk: Desk, digest: Digest, edition: DigestEdition) -> None:
    if utcnow() - edition.due_at > TOO_LATE:
        raise DomainError(MISSED)
    author = service.author_of(session, digest)
    if author is not None and not may_steer(author, digest):
        raise DomainError(f"{author.name}, who made it, may not send it any more. Make the digest anew.")
    broadcast = _message(session, digest, edition.due_at)
    _settle(session, digest)
    offers = news.candidates(session, author)
    if not offers:
        raise _NothingNew(NOTHING)
    draft = service.draft_of(session, desk.config, digest)
    compile_message(draft, context=OFFER_DIGEST)
    mailing = _start(session, digest, broadcast, draft, offers)
    _check_mail(session, desk, draft, mailing, offers)
    _check_number(session, desk, digest, mailing.queued)
    _remember(session, edition, broadcast, mailing, offers)
    audit.record(session, audit.COMMAND_LINE, "digest.sent", digest.name, recipients=mailing.total)


def _message(session: Session, digest: Digest, due_at: datetime) -> Broadcast:
    """The message that the edition is: its page shows progress, outcome and what to do."""
    day = due_at.astimezone(store.identity(session).zone)
    template = queries.find(session, digest.template)
    if not template.enabled:
        raise DomainError(f"Its template “{template.name}” is switched off. Switch it on, or choose another.")
    text = template.text
    broadcast = Broadcast(
        name=f"{digest.name}, {day.day} {day:%B %Y}"[:200],
        subject=text.subject,
        html=text.html,
        preheader=text.preheader,
        text=text.text,
        audience=digest.audience,
        sender_id=digest.sender_id,
        server_id=digest.server_id,
        created_by=digest.created_by,
    )
    session.add(broadcast)
    session.flush()
    starting.check(session, service.author_of(session, digest), broadcast)
    return broadcast


def _start(
    session: Session, digest: Digest, broadcast: Broadcast, draft: Draft, offers: Sequence[int]
) -> Mailing:
    kept = {**draft.as_dict(), "feedback_id": feedback_id(broadcast, draft.from_address)}
    broadcast.mailing = mailing = start_mailing(
        session,
        content=kept,
        context=OFFER_DIGEST,
        kind=broadcast.kind,
        server_id=broadcast.server_id,
        created_by=broadcast.created_by,
        audience=audience_of(session, digest, offers),  # type: ignore[arg-type]
    )
    starting.skip_lacking(session, broadcast, service.author_of(session, digest))
    spare(session, mailing)
    if mailing.queued == 0:
        raise _NothingNew(NOTHING)
    session.flush()
    return mailing


def _check_mail(session: Session, desk: Desk, draft: Draft, mailing: Mailing, offers: Sequence[int]) -> None:
    """What keeps a message from being sent keeps a digest, too."""
    samples = pick(
        session,
        select(OutboxMail.recipient_id).where(
            OutboxMail.mailing_id == mailing.id, OutboxMail.state == State.QUEUED.value
        ),
    )
    found = report_of(
        desk,
        session,
        draft,
        OFFER_DIGEST,
        [
            (one, values_for(session, draft, one.affiliate, offers) if one.affiliate else {})
            for one in samples
        ],
    )
    if found.refused:
        raise Invalid({"": " ".join(one.finding.words for one in found.refused)})


def values_for(session: Session, draft: Draft, affiliate: Affiliate, offers: Sequence[int]) -> dict[str, str]:
    """All token values of an affiliate, with the list of an edition of these offers."""
    own = values_of(session, draft, affiliate)
    lists = news.lists(session, {affiliate.id: own}, offers, EVERYTHING)
    return {**own, "offers": lists[affiliate.id]}


def _check_number(session: Session, desk: Desk, digest: Digest, recipients: int) -> None:
    if not release.needs_second(session, recipients):
        return
    if digest.approved_by is None or digest.approved_text != service.fingerprint(
        session, desk.config, digest
    ):
        raise DomainError(
            f"It would go to {recipients:,} affiliates, more than one person may decide alone. Let somebody else who may"
            " approve large sends approve it on its page."
        )


def _remember(
    session: Session, edition: DigestEdition, broadcast: Broadcast, mailing: Mailing, offers: Sequence[int]
) -> None:
    edition.broadcast_id, edition.content_id, edition.offers = broadcast.id, mailing.content_id, len(offers)
    session.execute(insert(EditionOffer), [{"edition_id": edition.id, "offer_id": one} for one in offers])
    queued = select(OutboxMail.recipient_id, literal(edition.id)).where(
        OutboxMail.mailing_id == mailing.id,
        OutboxMail.state == State.QUEUED.value,
        OutboxMail.recipient_id.is_not(None),
    )
    session.execute(insert(EditionReader).from_select(["affiliate_id", "edition_id"], queued))
    session.flush()


def _settle(session: Session, digest: Digest) -> None:
    """Whom the last editions did not reach after all has not been told: they failed, were cancelled, or were left out late."""
    latest = (
        select(DigestEdition.id, Broadcast.mailing_id)
        .join(Broadcast, Broadcast.id == DigestEdition.broadcast_id)
        .where(DigestEdition.digest_id == digest.id)
        .order_by(DigestEdition.id.desc())
        .limit(5)
    )
    for edition_id, mailing_id in session.execute(latest).all():
        missed = exists().where(
            OutboxMail.mailing_id == mailing_id,
            OutboxMail.recipient_id == EditionReader.affiliate_id,
            OutboxMail.state.in_(NEVER_LEFT),
        )
        session.execute(
            delete(EditionReader)
            .where(EditionReader.edition_id == edition_id, missed)
            .execution_options(synchronize_session=False)
        )


def _tell(session: Session, digest: Digest, due_at: datetime, why: str) -> None:
    audit.record(session, audit.COMMAND_LINE, "digest.not_sent", digest.name, why=why)
    team = [digest.created_by] if digest.created_by is not None else []
    try:
        with session.begin_nested():
            change = f"digest:{digest.id}:{due_at.isoformat()}"
            announce(
                session, Happening("staff_message_held", change, team=team, page=f"/digests/{digest.id}")
            )
    except Exception:  # its page says it all the same
        log.exception("nobody could be told that digest %s was held", digest.id)


def _said(error: DomainError) -> str:
    return " ".join(error.problems.values()) if isinstance(error, Invalid) else str(error)
