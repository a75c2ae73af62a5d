"""Sends what waits: in order, signed, at least once; after a failure later and later, and then not before a person says so."""

import hmac
import time
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_bytes

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from transports.deadline import Deadline
from transports.errors import MaybeSent, TransportError
from webapp.announce import Happening, announce
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.setbacks.work import Pieces
from webapp.vault import Vault
from webapp.webhooks import gathering
from webapp.webhooks.jobs import TELL
from webapp.webhooks.models import DONE, SKIPPED, WAITING, Webhook, WebhookDelivery

ANSWER_SECONDS = 8.0  # so long one request may take, from the name server to the last byte
RUN_SECONDS = 15.0  # of one run, so that other jobs come to their turn; the next one goes on
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
GIVES_UP_AT = 12  # failures in a row, about six hours
KEPT = timedelta(days=7)
EVENT = "staff_webhook_paused"
SECRET = "whsec_"  # noqa: S105 - how every secret begins


@dataclass(frozen=True)
class Outcome:
    """`status` of the answer, if there was one; `words` say why it does not count as taken."""

    status: int | None
    words: str = ""


def run(desk: Desk) -> int:
    """Tell every webhook what is new; how many requests were taken."""
    ends, sent = time.monotonic() + RUN_SECONDS, 0
    with desk.reading() as session:
        due = select(Webhook.id).where(Webhook.paused_at.is_(None), Webhook.next_at <= utcnow())
        hooks = session.scalars(due.order_by(Webhook.busy_until, Webhook.id)).all()  # who waits longest first
    pieces = Pieces(desk, TELL)
    for hook_id in hooks:
        if time.monotonic() < ends and _take(desk, hook_id):
            with pieces.apart(f"webhook #{hook_id}"):
                sent += _tell(desk, hook_id, ends)
            _give_back(desk, hook_id)
    return sent


def tidy(desk: Desk) -> None:
    """Forget what was told more than a week ago."""
    with desk.session() as session:
        old = WebhookDelivery.created_at < utcnow() - KEPT
        session.execute(delete(WebhookDelivery).where(WebhookDelivery.state != WAITING, old))


def signature(secret: str, message_id: str, timestamp: int, body: str) -> str:
    """As in Standard Webhooks 1.0: HMAC-SHA-256 over “id.timestamp.body”, under what follows “whsec_”, in base 64."""
    key, signed = b64decode(secret.removeprefix(SECRET)), f"{message_id}.{timestamp}.{body}".encode()
    return "v1," + b64encode(hmac.digest(key, signed, sha256)).decode()


def new_secret() -> str:
    return SECRET + b64encode(token_bytes(32)).decode()


def secret_of(vault: Vault, hook: Webhook) -> str:
    return vault.decrypt(hook.sealed, row=row_name(hook.id))


def row_name(hook_id: int) -> str:
    return f"webhook:{hook_id}"


def _tell(desk: Desk, hook_id: int, ends: float) -> int:
    sent = 0
    gathering.gather(desk, hook_id, ends)
    while time.monotonic() < ends:
        with desk.reading() as session:
            delivery, hook = _next(session, hook_id), session.get(Webhook, hook_id)
        if delivery is None or hook is None or hook.paused_at is not None:
            break
        if not _settle(desk, delivery.id, _post(desk, hook, delivery)):
            break
        sent += 1
    return sent


def _next(session: Session, hook_id: int) -> WebhookDelivery | None:
    waiting = WebhookDelivery.webhook_id == hook_id, WebhookDelivery.state == WAITING
    return session.scalar(select(WebhookDelivery).where(*waiting).order_by(WebhookDelivery.id).limit(1))


def _post(desk: Desk, hook: Webhook, delivery: WebhookDelivery) -> Outcome:
    message_id, now = f"msg_{hook.id}_{delivery.id}", int(time.time())
    headers = {
        "Content-Type": "application/json",
        "Webhook-Id": message_id,
        "Webhook-Timestamp": str(now),
        "Webhook-Signature": signature(secret_of(desk.vault, hook), message_id, now, delivery.body),
    }
    try:
        reply = desk.net.http(
            "POST", hook.url, headers=headers, body=delivery.body.encode(), deadline=Deadline(ANSWER_SECONDS)
        )
    except TransportError as error:
        return Outcome(None, f"{error.reason} {error.hint}".strip())
    except MaybeSent as error:
        return Outcome(None, str(error) or "The connection broke before the answer came.")
    if 200 <= reply.status < 300:
        return Outcome(reply.status)
    # What the answer says is not shown: it may be the page of whoever the address really belongs to.
    return Outcome(
        reply.status, f"The answer was {reply.status}; every answer from 200 to 299 counts as taken."
    )


def _settle(desk: Desk, delivery_id: int, outcome: Outcome) -> bool:
    """Write down what came of a try; whether it was taken."""
    now = utcnow()
    with desk.session() as session:
        delivery = session.get(WebhookDelivery, delivery_id, with_for_update=True)
        if delivery is None or delivery.state == SKIPPED:
            return True  # somebody has taken it out of the queue meanwhile
        delivery.tries += 1
        delivery.tried_at, delivery.status, delivery.words = now, outcome.status, outcome.words[:300]
        hook = session.get_one(Webhook, delivery.webhook_id, with_for_update=True)
        if outcome.words:
            _failed(session, hook, outcome, now)
            return False
        delivery.state = DONE
        hook.failures, hook.told_at = 0, now
        return True


def _failed(session: Session, hook: Webhook, outcome: Outcome, now: datetime) -> None:
    hook.failures += 1
    hook.next_at = now + min(FIRST_PAUSE * 2 ** min(hook.failures - 1, 10), LONGEST_PAUSE)
    if hook.failures >= GIVES_UP_AT and hook.paused_at is None:
        hook.paused_at = now
        hook.paused_because = f"{hook.failures} tries in a row failed. {outcome.words}"[:300]
        page = f"/account/webhooks/{hook.id}"
        announce(session, Happening(EVENT, f"{hook.id}:{now.isoformat()}", page=page))


def _take(desk: Desk, hook_id: int) -> bool:
    """Of several workers one tells a webhook, or its requests would overtake each other."""
    now = utcnow()
    free = update(Webhook).where(Webhook.id == hook_id, Webhook.busy_until <= now)
    with desk.session() as session:
        until = now + timedelta(seconds=RUN_SECONDS + 2 * ANSWER_SECONDS)
        return bool(session.execute(free.values(busy_until=until)).rowcount)  # type: ignore[attr-defined]


def _give_back(desk: Desk, hook_id: int) -> None:
    with desk.session() as session:
        session.execute(update(Webhook).where(Webhook.id == hook_id).values(busy_until=utcnow()))
