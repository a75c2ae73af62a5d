"""What may be done to webhooks and to what waits for them. Each change writes its line of the audit trail."""

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.db import utcnow
from webapp.errors import Conflict, Invalid, NotFound
from webapp.imports.cleaning import Refusal, line
from webapp.vault import Vault
from webapp.webhooks import gathering
from webapp.webhooks.kinds import KINDS, TEST
from webapp.webhooks.models import DONE, SKIPPED, WAITING, Webhook, WebhookDelivery
from webapp.webhooks.sending import new_secret, row_name

RIGHT = "manage_apis"
MOST = 20  # webhooks
SORTS = {"name": (Webhook.name, Webhook.id), "": (Webhook.id.desc(),)}


@dataclass(frozen=True)
class Wish:
    """What a webhook is to be, as somebody typed it."""

    name: str
    url: str
    events: tuple[str, ...]


def get(session: Session, number: int) -> Webhook:
    hook = session.get(Webhook, number)
    if hook is None:
        raise NotFound("There is no such webhook. Open the list and choose another.")
    return hook


def add(session: Session, vault: Vault, user: User, wish: Wish) -> tuple[Webhook, str]:
    """A new webhook, and the secret that is shown once."""
    values = _checked(wish)
    if len(session.scalars(select(Webhook.id)).all()) >= MOST:
        raise Invalid({"name": f"There are {MOST} webhooks already. Delete one first."})
    hook = Webhook(**values)
    session.add(hook)
    session.flush()
    gathering.begin_now(session, hook)
    audit.record(session, user, "webhook added", hook.name, url=hook.url, events=hook.events)
    return hook, renew(session, vault, hook)


def change(session: Session, vault: Vault, user: User, hook: Webhook, wish: Wish) -> str | None:
    """Change it; the new secret when it goes to another host, which must not know the old one."""
    values, was = _checked(wish), _host(hook.url)
    if values["url"] != hook.url:
        hook.next_at = (
            utcnow()
        )  # what waits for the pause after a failure is tried at the new address at once
    for name, value in values.items():
        setattr(hook, name, value)
    session.flush()
    audit.record(session, user, "webhook changed", hook.name, url=hook.url, events=hook.events)
    return renew(session, vault, hook) if _host(hook.url) != was else None


def renew(session: Session, vault: Vault, hook: Webhook) -> str:
    """A new secret; from now on everything is signed with it."""
    secret = new_secret()
    hook.sealed = vault.encrypt(secret, row=row_name(hook.id))
    session.flush()
    return secret


def pause(session: Session, user: User, hook: Webhook) -> None:
    """Nothing more is sent; what happens meanwhile is told after the resumption."""
    if hook.paused_at is None:
        hook.paused_at, hook.paused_because = utcnow(), f"Paused by {user.name}."[:300]
        audit.record(session, user, "webhook paused", hook.name)


def resume(session: Session, user: User, hook: Webhook) -> None:
    hook.paused_at, hook.paused_because = None, ""
    hook.failures, hook.next_at = 0, utcnow()
    audit.record(session, user, "webhook resumed", hook.name)


def remove(session: Session, user: User, hook: Webhook) -> None:
    audit.record(session, user, "webhook deleted", hook.name, url=hook.url)
    session.delete(hook)
    session.flush()


def try_out(session: Session, hook: Webhook) -> None:
    """Put a request with an event of kind “test” into the queue, and let the next run send."""
    event = {"id": "test", "type": TEST, "at": utcnow().isoformat(timespec="seconds")}
    session.add_all(gathering.requests_of(hook.id, [event]))
    hook.next_at = utcnow()


def again(session: Session, user: User, delivery: WebhookDelivery) -> None:
    """Send a request once more, behind what waits; the receiver knows its events by their ids."""
    fresh = WebhookDelivery(webhook_id=delivery.webhook_id, body=delivery.body, events=delivery.events)
    session.add(fresh)
    audit.record(session, user, "webhook request sent again", delivery.webhook.name, request=delivery.id)


def skip(session: Session, user: User, delivery: WebhookDelivery) -> None:
    """Take a request out of the queue for good, so that those behind it are sent."""
    session.refresh(delivery, with_for_update=True)
    if delivery.state != WAITING:
        raise Conflict("This request does not wait any more.")
    delivery.state, delivery.webhook.next_at = SKIPPED, utcnow()
    audit.record(session, user, "webhook request skipped", delivery.webhook.name, request=delivery.id)


def delivery(session: Session, hook: Webhook, number: int) -> WebhookDelivery:
    found = session.get(WebhookDelivery, number)
    if found is None or found.webhook_id != hook.id:
        raise NotFound("There is no such request. It may have been cleared away.")
    return found


def listed(search: str = "", sort: str = "") -> Select[Webhook]:
    query = select(Webhook).order_by(*SORTS.get(sort, SORTS[""]))
    if search:
        fields = (Webhook.name, Webhook.url)
        query = query.where(or_(*(field.icontains(search, autoescape=True) for field in fields)))
    return query


def deliveries(hook: Webhook, state: str = "", search: str = "") -> Select[WebhookDelivery]:
    """The requests of a webhook, the newest first; `search` looks into what they say."""
    query = select(WebhookDelivery).where(WebhookDelivery.webhook_id == hook.id)
    if state in (WAITING, DONE, SKIPPED):
        query = query.where(WebhookDelivery.state == state)
    if search:
        query = query.where(WebhookDelivery.body.icontains(search[:100], autoescape=True))
    return query.order_by(WebhookDelivery.id.desc())


def forget(session: Session, number: str, address: str) -> None:
    """Take a person out of what waits and what was told lately."""
    del number  # every event of his names the address
    named = WebhookDelivery.body.icontains(json.dumps(address, ensure_ascii=False), autoescape=True)
    for found in session.scalars(select(WebhookDelivery).where(named)):
        kept = [
            one for one in json.loads(found.body)["events"] if one.get("email", "").lower() != address.lower()
        ]
        found.body, found.events = json.dumps({"events": kept}, ensure_ascii=False), len(kept)
        if not kept and found.state == WAITING:
            found.state = SKIPPED
    session.flush()


def seal_again(session: Session, fresh: Vault) -> int:
    """Seal every secret with the newest key; how many there are."""
    found = session.scalars(select(Webhook)).all()
    for hook in found:
        row = row_name(hook.id)
        hook.sealed = fresh.encrypt(fresh.decrypt(hook.sealed, row=row), row=row)
    return len(found)


def _checked(wish: Wish) -> dict[str, object]:
    problems: dict[str, str] = {}
    name = _name(wish.name, problems)
    url = wish.url.strip()
    if reason := _wrong(url):
        problems["url"] = reason
    events = [slug for slug in KINDS if slug in wish.events]
    if not events:
        problems["events"] = "Choose at least one event."
    if problems:
        raise Invalid(problems)
    return {"name": name, "url": url, "events": events}


def _name(typed: str, problems: dict[str, str]) -> str:
    try:
        name = line(typed, most=100, what="name")
    except Refusal as refusal:
        problems["name"] = str(refusal)
        return ""
    if not name:
        problems["name"] = "Give it a name, like “Tracking platform”."
    return name


def _wrong(url: str) -> str:
    try:
        parts = urlsplit(url)
        known = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return "This is no web address. Write it like https://platform.example.com/hooks/mail."
    if parts.scheme != "https" or not known:
        return "Write an https address, like https://platform.example.com/hooks/mail."
    if parts.username or parts.password or parts.fragment:
        return "Leave user name, password and “#…” out: the signature says who we are."
    if len(url) > 500 or not url.isascii() or any(character <= " " for character in url):
        return "Use at most 500 characters, without blanks and other than ASCII."
    return ""


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()
