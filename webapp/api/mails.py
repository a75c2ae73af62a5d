"""What became of a mail, and which addresses are not to be mailed, as programs ask for it."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.affiliates.models import Affiliate
from webapp.api.fields import Field, texts
from webapp.api.reading import Asked, Found, Item, cut, place
from webapp.api.taking import Result
from webapp.errors import Invalid, NotAllowed, NotFound
from webapp.feedback import barred
from webapp.mail import events, suppressions
from webapp.mail.models import MailContent, OutboxMail, Suppression
from webapp.mail.outbox.identity import domain_of
from webapp.mail.outbox.outcomes import outcome

LOG, BARS = "view_delivery_log", "manage_suppressions"
SUPPRESSION = {
    "address": Field("address", "The address, in any case", 254, "gone@partner.example"),
    "scope": Field("scope", "All mail, or announcements only", 20, "all", suppressions.SCOPES),
    "note": Field("note", "Why, for those who read the list later", 1_000, "Asked us by phone"),
}


def mail(session: Session, user: User, number: int) -> Item:
    """State and evidence of a mail to an affiliate."""
    _needs(user, LOG)
    row = session.get(OutboxMail, number)
    if row is None or row.recipient_id is None:
        raise NotFound("There is no such mail, or it is past the time that mails are kept.")
    domain = domain_of(session.get_one(MailContent, row.content_id).draft)
    affiliate = select(Affiliate.affiliate_id).where(Affiliate.id == row.recipient_id)
    found = outcome(row, domain)
    return {
        "id": row.id,
        "affiliate_id": session.scalar(affiliate) or "",
        "state": row.state,
        "reason": row.reason,
        "attempts": row.attempts,
        "code": row.code,
        "detail": found.detail,
        "message_id": found.message_id,
        "created_at": _moment(row.created_at),
        "changed_at": _moment(row.changed_at),
        "events": [
            {"kind": each.kind, "severity": each.severity, "status": each.status, "at": _moment(each.at)}
            for each in events.of_mail(session, row.id)
        ],
    }


def listed(session: Session, user: User, asked: Asked) -> Found:
    """Suppressions, the newest first."""
    _needs(user, BARS)
    query = select(Suppression).order_by(Suppression.id.desc()).limit(asked.limit + 1)
    if address := asked.filters.get("address"):
        query = query.where(Suppression.address == suppressions.normal(address))
    if before := place(asked):
        query = query.where(Suppression.id < before)
    return cut([(str(one.id), _bar(one)) for one in session.scalars(query)], asked)


def bar(session: Session, user: User, items: list[object]) -> list[Result]:
    """Bar addresses, as somebody does by hand."""
    _needs(user, BARS)
    return [_barred(session, user, number, item) for number, item in enumerate(items, 1)]


def _barred(session: Session, user: User, number: int, item: object) -> Result:
    result = Result(number)
    if not isinstance(item, dict):
        result.refuse({"": "This is no object. Send one like {…}."})
        return result
    result.values, problems = texts(item, SUPPRESSION)
    try:
        if problems:
            raise Invalid(problems)
        values = {"address": "", "scope": suppressions.ALL, "note": "", **result.values}
        added = barred.bar(session, user, **_scoped(values))
        result.outcome = "added" if added else "same"
    except Invalid as error:
        result.refuse(error.problems)
    return result


def _scoped(values: dict[str, str]) -> dict[str, str]:
    return values | {"scope": values["scope"] or suppressions.ALL}


def _bar(one: Suppression) -> Item:
    return {
        "address": one.address,
        "scope": one.scope,
        "reason": one.reason,
        "note": one.note,
        "created_at": _moment(one.created_at),
    }


def _needs(user: User, right: str) -> None:
    if not user.may(right):
        raise NotAllowed(right)


def _moment(value: Any) -> str:
    return str(value.isoformat(timespec="seconds"))
