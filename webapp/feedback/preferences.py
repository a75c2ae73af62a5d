"""Which news a person gets: chosen on the page behind a link of a mail, or signed in on the own page. Counts at once.

What staff, bounces and complaints have barred is not the person's to lift here: such a row beats every choice.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.errors import NotFound
from webapp.mail import consents, links, suppressions
from webapp.mail.models import OutboxMail, Suppression
from webapp.mail.suppressions import ANNOUNCEMENT, normal
from webapp.mail.topics import DIGEST, NEWSLETTER, OFFERS
from webapp.mail.unsubscribe import LEFT
from webapp.vault import Vault

TOPICS = {
    OFFERS: ("Offers", "New offers, offers that are announced to you, and creatives for them."),
    DIGEST: ("Digest of new offers", "At regular times, the offers that are new for you in one mail."),
    NEWSLETTER: ("News of the network", "What is new, tips, events and everything else that we write."),
}
ALWAYS = (
    "Mail about your account always comes, for you could not work without it: links to sign in, answers to your "
    "requests, changed payouts, offers that pause or end, payments, and the tax form."
)


@dataclass(frozen=True)
class Reader:
    """Whose news are chosen, and in which way; `mail_id` is the mail from whose link he came."""

    address: str
    recipient_id: int | None
    way: str
    mail_id: int | None = None


@dataclass(frozen=True)
class Choice:
    """`topics` are those that still come. `barred` says that somebody else has put the address on the list."""

    topics: frozenset[str]
    barred: bool

    @property
    def left(self) -> bool:
        return not self.topics


def reader(session: Session, vault: Vault, token: str) -> Reader:
    """Whose link this is; changes nothing. `NotFound` for a forged or damaged one."""
    number = links.mail_of(vault, links.purpose_of(links.PREFERENCES), token)
    mail = session.get(OutboxMail, number)
    if mail is None:
        raise NotFound("This link belongs to a mail that is not kept any more. Write to us instead.")
    return Reader(mail.address, mail.recipient_id, consents.PREFERENCES, mail.id)


def chosen(session: Session, address: str) -> Choice:
    """What comes at present."""
    query = select(Suppression.scope, Suppression.reason).where(
        Suppression.address.in_((normal(address), suppressions.domain(address)))
    )
    rows = session.execute(query).all()
    scopes = {scope for scope, _ in rows}
    everything = bool(scopes & {suppressions.ALL, ANNOUNCEMENT})
    topics = frozenset() if everything else frozenset(TOPICS) - scopes
    return Choice(topics, any(reason != LEFT for _, reason in rows))


def choose(session: Session, reader: Reader, wanted: Collection[str]) -> Choice:
    """Let these topics come and no other; none is leaving all news. Each change is written down as evidence."""
    before, after = chosen(session, reader.address).topics, frozenset(wanted) & set(TOPICS)
    if not after:
        _leave(session, reader, ANNOUNCEMENT)
    else:
        _come_back(session, reader, {ANNOUNCEMENT, *after})
        for topic in sorted(set(TOPICS) - after):
            _leave(session, reader, topic)
    if before and not after:
        _record(session, reader, ANNOUNCEMENT, given=False)
    elif after:
        for topic in sorted(after ^ before):
            _record(session, reader, topic, given=topic in after)
    session.flush()
    return chosen(session, reader.address)


def _record(session: Session, reader: Reader, topic: str, *, given: bool) -> None:
    consents.record(
        session,
        reader.address,
        topic,
        given=given,
        way=reader.way,
        recipient_id=reader.recipient_id,
        mail_id=reader.mail_id,
    )


def _leave(session: Session, reader: Reader, scope: str) -> None:
    suppressions.add(session, reader.address, scope=scope, reason=LEFT, mail_id=reader.mail_id)


def _come_back(session: Session, reader: Reader, scopes: Collection[str]) -> None:
    session.execute(
        delete(Suppression).where(
            Suppression.address == normal(reader.address),
            Suppression.scope.in_(sorted(scopes)),
            Suppression.reason == LEFT,
        )
    )
