"""Sets digests up and switches them on and off."""

from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from json import dumps
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.affiliates.audience import audience_query, parse
from webapp.broadcasts.access import APPROVE, check_audience, check_segments
from webapp.config import Config
from webapp.db import utcnow
from webapp.digests import times
from webapp.digests.models import Digest
from webapp.errors import Conflict, Invalid, NotAllowed, NotFound
from webapp.imports.cleaning import Refusal, line
from webapp.mail.compose import Draft
from webapp.mail.tokens.catalogue import OFFER_DIGEST
from webapp.mail_templates import letterhead, queries
from webapp.segments.models import Segment
from webapp.settings import store
from webapp.settings.models import MailServer


@dataclass(frozen=True)
class Plan:
    """A digest as its author wants it; see `Digest` for the fields."""

    name: str
    template: str = OFFER_DIGEST
    audience: str = "all"
    sender_id: int | None = None
    server_id: int | None = None
    every: str = times.WEEK
    day: int = 0
    hour: int = 9


def create(session: Session, user: User, plan: Plan) -> Digest:
    """A new digest, switched off."""
    digest = Digest(created_by=user.id, **asdict(_checked(session, user, user, plan)))
    session.add(digest)
    session.flush()
    audit.record(session, user, "digest.made", digest.name)
    return digest


def change(session: Session, user: User, digest: Digest, plan: Plan) -> None:
    """Change it from the next edition on; an approval has to be given again."""
    session.refresh(digest, with_for_update=True)
    for name, value in asdict(_checked(session, user, author_of(session, digest) or user, plan)).items():
        setattr(digest, name, value)
    digest.approved_by, digest.approved_text, digest.changed_by = None, "", user.id
    if digest.active:
        digest.next_at = next_time(session, digest)
    session.flush()
    audit.record(session, user, "digest.changed", digest.name)


def switch(session: Session, user: User, digest: Digest, *, on: bool) -> None:
    """Let it come at its times from now on, or no more."""
    session.refresh(digest, with_for_update=True)
    if on:
        check_audience(session, user, digest.audience)
        check_segments(session, author_of(session, digest), digest.audience)
    digest.active = on
    digest.next_at = next_time(session, digest) if on else None
    audit.record(session, user, "digest.on" if on else "digest.off", digest.name)


def approve(session: Session, config: Config, user: User, digest: Digest) -> None:
    """A second person agrees to what it says and to whom it goes; until either is changed."""
    if not user.may(APPROVE):
        raise NotAllowed(APPROVE)
    if user.id in (digest.created_by, digest.changed_by):
        raise Conflict("You made or changed this digest yourself, so somebody else has to look at it.")
    digest.approved_by, digest.approved_text = user.id, fingerprint(session, config, digest)
    audit.record(session, user, "digest.approved", digest.name)


def remove(session: Session, user: User, digest: Digest) -> None:
    """Delete it with what it remembers of its editions; their messages stay."""
    if digest.active:
        raise Conflict("It is switched on. Switch it off first, then delete it.")
    session.delete(digest)
    session.flush()
    audit.record(session, user, "digest.deleted", digest.name)


def draft_of(session: Session, config: Config, digest: Digest) -> Draft:
    """What it says, under the identity with which it leaves. NotFound when its template is gone."""
    template = queries.find(session, digest.template)
    sender = session.get(User, digest.sender_id) if digest.sender_id else None
    return letterhead.draft(session, config, template.text, "announcement", sender)


def fingerprint(session: Session, config: Config, digest: Digest) -> str:
    """Changes with what it says, with the audience that it names, and with the rules of the segments in that."""
    said = [draft_of(session, config, digest).as_dict(), digest.audience, _segments(session, digest)]
    return sha256(dumps(said, sort_keys=True).encode()).hexdigest()[:24]


def _segments(session: Session, digest: Digest) -> list[Any]:
    numbers = [int(one) for one in parse(digest.audience).segments if one.isdecimal()]
    query = select(Segment.rules).where(Segment.id.in_(numbers)).order_by(Segment.id)
    return list(session.scalars(query))


def author_of(session: Session, digest: Digest) -> User | None:
    return session.get(User, digest.created_by) if digest.created_by else None


def next_time(session: Session, digest: Digest) -> datetime:
    """When it is due next, in UTC."""
    zone, last = store.identity(session).zone, digest.next_at
    return times.next_after(utcnow(), zone, every=digest.every, day=digest.day, hour=digest.hour, last=last)


def _checked(session: Session, user: User, author: User, plan: Plan) -> Plan:
    problems: dict[str, str] = {}
    name = plan.name
    try:
        name = line(plan.name, most=100, what="name")
    except Refusal as refusal:
        problems["name"] = str(refusal)
    if not name:
        problems["name"] = "A digest needs a name. Your team finds it by that."
    problems |= _time_problems(plan)
    for field, check in (
        ("audience", _audience),
        ("template", _template),
        ("sender", _sender),
        ("server", _server),
    ):
        try:
            check(session, user, author, plan)
        except (Invalid, NotFound) as error:
            problems |= error.problems if isinstance(error, Invalid) else {field: str(error)}
    if problems:
        raise Invalid(problems)
    return Plan(**{**asdict(plan), "name": name})


def _time_problems(plan: Plan) -> dict[str, str]:
    most = {times.WEEK: (0, 6), times.DAYS: (1, times.MOST_DAYS), times.MONTH: (1, 31)}.get(plan.every)
    if most is None:
        return {"every": "Choose every week, every so many days, or every month."}
    if not most[0] <= plan.day <= most[1]:
        field = {times.WEEK: "weekday", times.DAYS: "days", times.MONTH: "month_day"}[plan.every]
        return {field: f"Choose a number from {most[0]} to {most[1]}."}
    return {} if 0 <= plan.hour <= 23 else {"hour": "Choose an hour from 0 to 23."}


def _audience(session: Session, user: User, author: User, plan: Plan) -> None:
    check_audience(session, user, plan.audience)
    check_segments(session, user, plan.audience)
    audience_query(session, plan.audience, author)


def _template(session: Session, _user: User, _author: User, plan: Plan) -> None:
    if queries.find(session, plan.template).context != OFFER_DIGEST:
        raise Invalid({"template": "This template is not for digests. Choose one that is."})


def _sender(session: Session, user: User, _author: User, plan: Plan) -> None:
    if plan.sender_id is None or plan.sender_id == user.id:
        return
    sender = session.get(User, plan.sender_id)
    if not user.may("send_as_another") or sender is None or sender.disabled_at is not None:
        raise Invalid({"sender": "You may not write in this name. Choose the network or yourself."})


def _server(session: Session, _user: User, _author: User, plan: Plan) -> None:
    known = select(MailServer.id).where(MailServer.id == plan.server_id, MailServer.draft_until.is_(None))
    if plan.server_id is not None and session.scalar(known) is None:
        raise Invalid({"server": "This mail server was removed. Choose another one."})
