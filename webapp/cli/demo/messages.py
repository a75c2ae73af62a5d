"""The messages of the invented network: sent over the last two weeks, with every outcome that a mail can have."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from webapp.affiliates.models import Affiliate, AffiliateGroup
from webapp.broadcasts.models import Broadcast
from webapp.cli.demo import clicks, returned
from webapp.cli.demo.people import NETWORK
from webapp.db import utcnow
from webapp.mail.compose.draft import Draft
from webapp.mail.models import Attempt, MailContent, Mailing, OutboxMail, Suppression
from webapp.mail.states import State

HTML = """<p>Hi [=Affiliate.FirstName|there=],</p>
<p>good news for [=Affiliate.CompanyName|you=]: from 1 December we pay <strong>$48.00</strong> for every lead on
<strong>Solara Home Batteries</strong>, up from $42.00. Your link stays the same.</p>
<p><a href="https://northlight.example/offers/solara?a=[=Affiliate.ID=]">See the offer</a>, look at the
<a href="https://northlight.example/calendar">calendar of the season</a>, or read our <a href="https://northlight.example/help">answers</a>.
Questions? Just answer, I read this myself.</p>
<p>[=AffiliateManager.FirstName|The team=]<br>[=Network.Name=]</p>"""

REFUSALS = (
    (
        14,
        "550",
        "550 5.7.515 Access denied, sending domain mail.northlight.example does not meet the required authentication level",
    ),
    (11, "550 5.1.1", "550 5.1.1 No such user here"),
    (4, "452 4.2.2", "452 4.2.2 Mailbox full"),
    (2, "554 5.7.1", "554 5.7.1 Message blocked due to content"),
)


@dataclass(frozen=True)
class Story:
    """One message: when it went, to whom, and how many mails ended how (the rest was accepted)."""

    name: str
    days_ago: float
    group: str | None = None
    outcomes: dict[State, int] = field(default_factory=dict)
    finished: bool = True


STORIES = (
    Story(
        "Solara pays $48 from 1 December",
        0.1,
        None,
        {State.FAILED: 31, State.UNKNOWN: 4, State.SUPPRESSED: 23},
    ),
    Story("Your holiday creatives are here", 1.2, "Coupons", {State.FAILED: 3, State.SUPPRESSED: 6}),
    Story(
        "New in Finance: two card offers",
        3.4,
        "Finance",
        {State.FAILED: 2, State.DEFERRED: 9, State.SUPPRESSED: 4},
        finished=False,
    ),
    Story("Travel caps for the last quarter", 6.3, "Travel", {State.CANCELLED: 120, State.SUPPRESSED: 3}),
    Story("Welcome, Tom and Inês are your managers now", 12.6, None, {State.FAILED: 9, State.SUPPRESSED: 12}),
)


def tell(session: Session, *, author: int, server: int) -> None:
    """Write all stories, the suppressions they explain, and one draft."""
    dice = random.Random(7)  # noqa: S311 - invented outcomes, no secret
    _suppress(session, dice)
    for story in reversed(STORIES):
        _tell(session, story, dice, author, server)
    session.add(
        Broadcast(
            name="Black Friday last call",
            subject="Last call, [=Affiliate.FirstName|friend=]",
            html=HTML,
            created_by=author,
        )
    )


def _suppress(session: Session, dice: random.Random) -> None:
    addresses = session.scalars(select(Affiliate.address).where(Affiliate.status == "active")).all()
    for number, address in enumerate(dice.sample(addresses, 26)):
        reason, scope = (("unsubscribed", "announcement"), ("bounced", "all"), ("complained", "all"))[
            min(number // 14, 2)
        ]
        session.add(
            Suppression(address=address, scope=scope, reason=reason, created_at=utcnow() - timedelta(hours=1))
        )
    session.flush()


def _tell(session: Session, story: Story, dice: random.Random, author: int, server: int) -> None:
    at = utcnow() - timedelta(days=story.days_ago)
    people = _audience(session, story)
    states = _states(story, len(people), dice)
    mailing = _mailing(session, story, Counter(states), at, author, server)
    rows = [_row(mailing, person, state, dice, at) for person, state in zip(people, states, strict=True)]
    session.execute(insert(OutboxMail), rows)
    mails = session.execute(
        select(OutboxMail).where(OutboxMail.mailing_id == mailing.id, OutboxMail.attempts > 0)
    ).scalars()
    session.execute(insert(Attempt), [_attempt(mail, server) for mail in mails])
    clicks.click(session, mailing, dice)
    returned.come_back(session, mailing, dice)


def _audience(session: Session, story: Story) -> list[Any]:
    query = select(Affiliate.id, Affiliate.address).where(Affiliate.status == "active").order_by(Affiliate.id)
    if story.group:
        query = query.join(AffiliateGroup, Affiliate.group_id == AffiliateGroup.id).where(
            AffiliateGroup.name == story.group
        )
    return list(session.execute(query))


def _states(story: Story, count: int, dice: random.Random) -> list[State]:
    states = [state for state, number in story.outcomes.items() for _ in range(number)]
    states += [State.SENT] * (count - len(states))
    dice.shuffle(states)
    return states


def _mailing(
    session: Session, story: Story, counts: Counter[State], at: datetime, author: int, server: int
) -> Mailing:
    draft = Draft(
        subject=story.name,
        html=HTML,
        from_name=NETWORK["from_name"],
        from_address=NETWORK["from_address"],
        reply_to=NETWORK["reply_to"],
        sender=None,
        kind="announcement",
        list_id=None,
        network_name=NETWORK["network_name"],
        postal_address=NETWORK["postal_address"],
        public_url="https://post.northlight.example",
        domain_for_message_ids="mail.northlight.example",
        tracking_url="https://go.northlight.example",
        links=clicks.LINKS,
    )
    content = MailContent(draft=draft.as_dict(), created_at=at)
    state = "finished_with_failures" if counts[State.FAILED] or counts[State.UNKNOWN] else "finished"
    state = "cancelled" if counts[State.CANCELLED] else state
    mailing = Mailing(
        content=content,
        kind="announcement",
        server_id=server,
        state=state if story.finished else "paused",
        created_by=author,
        created_at=at,
        finished_at=at + timedelta(minutes=36) if story.finished else None,
        total=counts.total(),
        **{str(state): number for state, number in counts.items()},
    )
    session.add(mailing)
    group = f"group:{story.group}" if story.group else "all"
    session.add(
        Broadcast(
            name=story.name,
            subject=story.name,
            html=HTML,
            audience=group,
            counts_clicks=True,
            mailing=mailing,
            created_by=author,
            created_at=at,
        )
    )
    session.flush()
    return mailing


def _row(mailing: Mailing, person: Any, state: State, dice: random.Random, at: datetime) -> dict[str, Any]:
    code, detail, stage = _answer(state, dice)
    tried = state not in (State.SUPPRESSED, State.CANCELLED, State.QUEUED)
    return {
        "key": f"{mailing.id}:{person.id}",
        "mailing_id": mailing.id,
        "content_id": mailing.content_id,
        "recipient_id": person.id,
        "address": person.address,
        "kind": "announcement",
        "priority": 5,
        "server_id": mailing.server_id,
        "state": str(state),
        "reason": "unsubscribed" if state is State.SUPPRESSED else "",
        "attempts": (6 if code == "452 4.2.2" else 1) if tried else 0,
        "not_before": at + timedelta(days=4) if state is State.DEFERRED else None,
        "stage": stage,
        "code": code,
        "detail": detail,
        "created_at": at,
        "changed_at": at + timedelta(seconds=dice.randint(10, 2100)),
    }


def _answer(state: State, dice: random.Random) -> tuple[str, str, str]:
    if state is State.SENT:
        return "250 2.0.0", f"250 2.0.0 Ok: queued as {dice.getrandbits(48):012X}", "dot"
    if state is State.FAILED:
        _, code, words = dice.choices(REFUSALS, [weight for weight, _, _ in REFUSALS])[0]
        return code, words, "rcpt"
    if state is State.DEFERRED:
        return "451 4.7.1", "451 4.7.1 Greylisted, try again in five minutes", "rcpt"
    if state is State.UNKNOWN:
        return "", "The line broke after the mail was handed over and before the server answered.", "dot"
    return "", "", ""


def _attempt(mail: OutboxMail, server: int) -> dict[str, Any]:
    status = {"sent": "accepted", "failed": "rejected", "deferred": "deferred", "unknown": "unknown"}[
        mail.state
    ]
    return {
        "mail_id": mail.id,
        "lease": 0,
        "number": mail.attempts,
        "server_id": server,
        "status": status,
        "stage": mail.stage,
        "code": mail.code,
        "detail": mail.detail,
        "peer": "smtp1.northlight.example [192.0.2.25]:587",
        "tls": "TLSv1.3",
        "took_ms": 180,
        "at": mail.changed_at,
    }
