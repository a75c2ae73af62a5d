"""What stands on a timeline, wherever it is kept. One more kind is one more row of `SOURCES`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import joinedload

from webapp.affiliates.models import Affiliate
from webapp.applications.models import Application
from webapp.feedback.preferences import TOPICS
from webapp.mail.clicks import Click
from webapp.mail.consents import WAYS, Consent
from webapp.mail.events import Happened, MailEvent
from webapp.mail.models import MailContent, OutboxMail, Suppression
from webapp.offers.models import Assignment, Offer
from webapp.replies.models import Reply
from webapp.timeline.models import Note

SUBJECT = MailContent.draft["subject"].as_string()


@dataclass(frozen=True)
class Entry:
    """`state` is a word that the badge of states knows, or ""; `source` is the row that it was made of."""

    at: datetime
    kind: str
    title: str
    detail: str = ""
    state: str = ""
    source: Any = None


@dataclass(frozen=True)
class Source:
    """`rows` selects all of an affiliate; `made` makes (title, detail, state) of one. `number` orders rows of one moment."""

    kind: str
    rows: Callable[[Affiliate], Select[Any]]
    at: Any
    number: Any
    searched: tuple[ColumnElement[str] | Any, ...]
    made: Callable[[Any], tuple[str, str, str]]


KINDS: Mapping[str, str] = {
    "mail": "Mails",
    "bounce": "Bounces",
    "complaint": "Complaints",
    "delivered": "Confirmed by a provider",
    "click": "Clicks of people",
    "machine": "Clicks of machines",
    "reply": "Replies",
    "automatic": "Automatic answers",
    "consent": "Opted in and out",
    "barred": "Suppressions",
    "application": "Applications",
    "offer": "Offers",
    "note": "Notes",
}


def _mails(affiliate: Affiliate) -> Select[Any]:
    with_subject = select(OutboxMail, SUBJECT).join(MailContent, MailContent.id == OutboxMail.content_id)
    return with_subject.where(OutboxMail.recipient_id == affiliate.id)


def _about_mails(table: Any, *conditions: ColumnElement[bool]) -> Callable[[Affiliate], Select[Any]]:
    def rows(affiliate: Affiliate) -> Select[Any]:
        query = select(table, SUBJECT).join(OutboxMail, OutboxMail.id == table.mail_id)
        query = query.join(MailContent, MailContent.id == OutboxMail.content_id)
        return query.where(OutboxMail.recipient_id == affiliate.id, *conditions)

    return rows


def _assignments(affiliate: Affiliate) -> Select[Any]:
    named = select(Assignment).add_columns(Offer.name, Offer.cid).join(Offer)
    return named.where(Assignment.affiliate_id == affiliate.id)


def _mail(row: Any) -> tuple[str, str, str]:
    mail, subject = row
    said = mail.detail or mail.reason.replace("_", " ")
    return subject or "No subject", said if mail.code in said else f"{mail.code} {said}".strip(), mail.state


def _told(title: str) -> Callable[[Any], tuple[str, str, str]]:
    def made(row: Any) -> tuple[str, str, str]:
        event, subject = row
        proof = "" if event.verified or event.kind == Happened.DELIVERED else "Not proven."
        detail = " ".join(filter(None, (event.severity, event.status, event.words, proof)))
        return f"{title}: {subject or 'no subject'}", detail, event.kind

    return made


def _clicked(row: Any) -> tuple[str, str, str]:
    click, subject = row
    return f"Link {click.link + 1} of: {subject or 'no subject'}", click.machine.replace("_", " "), ""


def _replied(row: Any) -> tuple[str, str, str]:
    return row[0].subject or "No subject", row[0].text, "replied"


def _chose(row: Any) -> tuple[str, str, str]:
    chose = row[0]
    topic = TOPICS[chose.topic][0] if chose.topic in TOPICS else "All news"
    return f"{topic}: {'yes' if chose.given else 'no'}", WAYS.get(chose.way, chose.way), ""


def _applied(row: Any) -> tuple[str, str, str]:
    return "Applied", f"{row[0].person}, {row[0].email}", ""


def _decided(row: Any) -> tuple[str, str, str]:
    return "The application was decided", row[0].reason, row[0].state


def _assigned(row: Any) -> tuple[str, str, str]:
    assignment, name, cid = row
    return f"{name} ({cid})", "", assignment.state


def _event(kind: str, happened: Happened, title: str) -> Source:
    rows = _about_mails(MailEvent, MailEvent.kind == happened.value)
    return Source(kind, rows, MailEvent.at, MailEvent.id, (SUBJECT, MailEvent.words), _told(title))


def _clicks(kind: str, condition: ColumnElement[bool]) -> Source:
    return Source(kind, _about_mails(Click, condition), Click.at, Click.id, (SUBJECT,), _clicked)


SOURCES: tuple[Source, ...] = (
    Source(
        "application",
        lambda who: select(Application).where(Application.affiliate_id == who.id),
        Application.created_at,
        Application.id,
        (Application.traffic,),
        _applied,
    ),
    Source(
        "application",
        lambda who: select(Application).where(
            Application.affiliate_id == who.id, Application.decided_at.is_not(None)
        ),
        Application.decided_at,
        Application.id,
        (Application.reason,),
        _decided,
    ),
    Source(
        "offer",
        _assignments,
        Assignment.changed_at,
        Assignment.offer_id,
        (Offer.name, Offer.cid),
        _assigned,
    ),
    Source("mail", _mails, OutboxMail.created_at, OutboxMail.id, (SUBJECT, OutboxMail.detail), _mail),
    _event("delivered", Happened.DELIVERED, "Delivered, says the provider"),
    _event("bounce", Happened.BOUNCED, "Bounced"),
    _event("complaint", Happened.COMPLAINED, "Complained about"),
    _event("automatic", Happened.AUTO_REPLIED, "A machine answered"),
    _clicks("click", Click.machine == ""),
    _clicks("machine", Click.machine != ""),
    Source(
        "reply",
        lambda who: select(Reply).where(Reply.affiliate_id == who.id),
        Reply.at,
        Reply.id,
        (Reply.subject, Reply.text),
        _replied,
    ),
    Source(
        "consent",
        lambda who: select(Consent).where(Consent.recipient_id == who.id),
        Consent.at,
        Consent.id,
        (Consent.topic,),
        _chose,
    ),
    Source(
        "barred",  # who left by himself stands among the consents
        lambda who: select(Suppression).where(
            Suppression.address == who.address, Suppression.reason != "unsubscribed"
        ),
        Suppression.created_at,
        Suppression.id,
        (Suppression.note, Suppression.reason),
        lambda row: (f"Suppressed: {row[0].reason}", row[0].note, ""),
    ),
    Source(
        "note",
        lambda who: select(Note).options(joinedload(Note.author)).where(Note.affiliate_id == who.id),
        Note.at,
        Note.id,
        (Note.text,),
        lambda row: (row[0].author.name if row[0].author else "A former colleague", row[0].text, ""),
    ),
)
