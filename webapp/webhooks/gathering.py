"""From what the desk has written down anyway to requests that wait: the sender of mail knows nothing of it.

What is younger than `SETTLED` waits for the next time, since another process may still be writing a row with a smaller number.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.affiliates.models import Affiliate
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail.clicks import Click
from webapp.mail.consents import Consent
from webapp.mail.events import MailEvent
from webapp.mail.models import Attempt, MailContent, OutboxMail
from webapp.mail.states import State
from webapp.webhooks.models import WAITING, Webhook, WebhookDelivery, WebhookMark

GROUP = 1_000  # rows that are read at once
AT_ONCE = 100  # events of one request
MOST_WAITING = 20  # requests: with so many the rest stays where it is written down
SETTLED = timedelta(seconds=20)
Told = Mapping[str, object]


def gather(desk: Desk, hook_id: int, ends: float) -> int:
    """Put requests with what is new into the queue of a webhook, until `ends` on the monotonic clock; how many rows were
    looked at.
    """
    total = 0
    for source in SOURCES:
        while time.monotonic() < ends and (read := _group(desk, hook_id, source, utcnow() - SETTLED)):
            total += read
            if read < GROUP:
                break
    return total


def begin_now(session: Session, hook: Webhook) -> None:
    """A new webhook is told of what happens from now on."""
    for source, (table, _, _) in SOURCES.items():
        newest = session.scalar(select(func.max(table.id))) or 0
        session.add(WebhookMark(webhook_id=hook.id, source=source, last_id=newest))


def _group(desk: Desk, hook_id: int, source: str, until: datetime) -> int:
    """Read without a lock; then write, unless somebody else was faster."""
    table, query, told = SOURCES[source]
    with desk.reading() as session:
        hook, mark = session.get(Webhook, hook_id), session.get(WebhookMark, (hook_id, source))
        if hook is None or mark is None or _waiting(session, hook_id) >= MOST_WAITING:
            return 0
        after = mark.last_id
        new = session.execute(query.where(table.id > after).order_by(table.id).limit(GROUP))
        rows = list(takewhile(lambda row: row.at <= until, new))
        events = [event for row in rows for event in _told(source, row, told(row), hook.events)]
    if rows:
        with desk.session() as session:
            mark = session.get_one(WebhookMark, (hook_id, source), with_for_update=True)
            if mark.last_id == after:
                mark.last_id = rows[-1].id
                session.add_all(requests_of(hook_id, events))
    return len(rows)


def requests_of(hook_id: int, events: Sequence[Told]) -> Iterable[WebhookDelivery]:
    """Events as requests that wait."""
    for start in range(0, len(events), AT_ONCE):
        some = events[start : start + AT_ONCE]
        body = json.dumps({"events": some}, ensure_ascii=False, separators=(",", ":"))
        yield WebhookDelivery(webhook_id=hook_id, state=WAITING, body=body, events=len(some))


def _waiting(session: Session, hook_id: int) -> int:
    query = select(func.count()).where(
        WebhookDelivery.webhook_id == hook_id, WebhookDelivery.state == WAITING
    )
    return session.scalar(query) or 0


def _told(source: str, row: Any, found: Told | None, chosen: Sequence[str]) -> Iterable[Told]:
    if found is None or found["type"] not in chosen:
        return
    yield {
        "id": f"{source}-{row.id}",
        "type": found["type"],
        "at": row.at.isoformat(timespec="seconds"),
        "mail": row.mail_id,
        "message": row.mailing_id,
        "offer": row.offer,
        "affiliate_id": row.affiliate_id or "",
        "email": row.address,
        **{name: value for name, value in found.items() if name != "type"},
    }


def _mailed(table: Any, *columns: Any) -> Any:
    """Rows about a mail to an affiliate; mails to the team and tests are nobody’s business."""
    mail = (OutboxMail.id.label("mail_id"), OutboxMail.mailing_id, OutboxMail.address)
    query = select(table.id, table.at, *columns, *mail, MailContent.offer, Affiliate.affiliate_id)
    query = query.join(OutboxMail, OutboxMail.id == table.mail_id)
    query = query.join(MailContent, MailContent.id == OutboxMail.content_id)
    return query.join(Affiliate, Affiliate.id == OutboxMail.recipient_id)


def _consented() -> Any:
    """The same of a choice, which may have been made without a mail and outlives it."""
    choice = (Consent.id, Consent.at, Consent.given, Consent.topic, Consent.mail_id, Consent.address)
    offer = func.coalesce(MailContent.offer, "").label("offer")
    query = select(*choice, OutboxMail.mailing_id, offer, Affiliate.affiliate_id)
    query = query.join(Affiliate, Affiliate.id == Consent.recipient_id)
    query = query.outerjoin(OutboxMail, OutboxMail.id == Consent.mail_id)
    return query.outerjoin(MailContent, MailContent.id == OutboxMail.content_id)


def _of_attempt(row: Any) -> Told | None:
    given_up = row.state == State.FAILED and row.number == row.attempts
    if row.status == "accepted":
        return {"type": "accepted", "code": row.code}
    return {"type": "failed", "code": row.code} if row.status == "rejected" or given_up else None


def _of_event(row: Any) -> Told | None:
    if not row.verified or row.kind not in ("bounced", "complained", "replied"):
        return None
    if row.kind == "bounced":
        return {"type": row.kind, "severity": row.severity, "code": row.status}
    return {"type": row.kind}


def _of_consent(row: Any) -> Told | None:
    return None if row.given else {"type": "opted_out", "topic": row.topic}


def _of_click(row: Any) -> Told | None:
    return None if row.machine else {"type": "clicked", "link": row.link}


_ATTEMPT = (Attempt.status, Attempt.code, Attempt.number, OutboxMail.state, OutboxMail.attempts)
_EVENT = (MailEvent.kind, MailEvent.severity, MailEvent.status, MailEvent.verified)
SOURCES: Mapping[str, tuple[Any, Any, Callable[[Any], Told | None]]] = {
    "attempt": (Attempt, _mailed(Attempt, *_ATTEMPT), _of_attempt),
    "event": (MailEvent, _mailed(MailEvent, *_EVENT), _of_event),
    "consent": (Consent, _consented(), _of_consent),
    "click": (Click, _mailed(Click, Click.machine, Click.link), _of_click),
}
