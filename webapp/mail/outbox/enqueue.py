"""Puts mails into the outbox: a whole mailing in one statement, or a single mail."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from webapp.db import UtcDateTime, domain_of, inserting, utcnow
from webapp.errors import Invalid
from webapp.mail import poke
from webapp.mail.models import PATIENCE, MailContent, Mailing, OutboxMail, Suppression
from webapp.mail.outbox.counters import Deltas, counted, finish
from webapp.mail.states import Kind, State
from webapp.mail.suppressions import any_domain, reason_of, scopes_of
from webapp.mail.topics import topic_of
from webapp.vault import Vault

PRIORITY = {Kind.OPERATIONAL: 1, Kind.ANNOUNCEMENT: 5}
TEST_PRIORITY = 2
KEY_LENGTH = 80


@dataclass(frozen=True)
class _Moment:
    """What every row of one mailing has in common."""

    mailing: Mailing
    now: datetime
    topic: str


def start_mailing(
    session: Session,
    *,
    content: Mapping[str, Any],
    context: str = "message",
    offer: str = "",
    kind: str,
    server_id: int | None,
    created_by: int | None,
    audience: Select[Any],
) -> Mailing:
    """Freeze what is said and to whom, one row a recipient, and let it run.

    `audience` yields (affiliate id, address). Who is not to be mailed gets a row too, `suppressed` with the reason. A
    second affiliate with the same address gets one with the reason `duplicate_address`. `offer` is the CID it is about.
    """
    now = utcnow()
    frozen = MailContent(draft=dict(content), context=context, offer=offer, created_at=now)
    session.add(frozen)
    session.flush()
    mailing = Mailing(
        content_id=frozen.id,
        kind=Kind(kind).value,
        server_id=server_id,
        created_by=created_by,
        created_at=now,
    )
    session.add(mailing)
    session.flush()
    _insert_rows(session, _Moment(mailing, now, topic_of(kind, context, offer)), audience)
    for state, count in counted(session, mailing.id).items():
        setattr(mailing, state, count)
        mailing.total += count
    session.flush()
    finish(session, [mailing.id], now)
    session.refresh(mailing)
    poke.soon(session)
    return mailing


def leave_out(session: Session, mailing: Mailing, who: ColumnElement[bool], reason: str) -> int:
    """Take recipients out of a mailing that has just been made; how many. Their rows stay, `suppressed` with the reason."""
    now, deltas = utcnow(), Deltas()
    leaving = (
        update(OutboxMail)
        .where(OutboxMail.mailing_id == mailing.id, OutboxMail.state == State.QUEUED.value, who)
        .values(state=State.SUPPRESSED.value, reason=reason, changed_at=now)
        .execution_options(synchronize_session=False)
    )
    count = session.connection().execute(leaving).rowcount
    deltas.move(mailing.id, State.QUEUED, State.SUPPRESSED, count)
    deltas.apply(session, now)
    session.refresh(mailing)
    return count


def enqueue_one(
    session: Session,
    vault: Vault,
    *,
    key: str,
    content: Mapping[str, Any],
    context: str = "message",
    offer: str = "",
    address: str,
    recipient_id: int | None = None,
    values: Mapping[str, str] | None = None,
    kind: str = Kind.OPERATIONAL,
    priority: int | None = None,
    server_id: int | None = None,
    patience: timedelta = PATIENCE,
) -> OutboxMail:
    """Queue one mail. The same `key` again changes nothing and gives back the mail that is already there.

    `values` are those that no directory knows (a reset link); they lie sealed in the row until it is final.
    """
    if not key or len(key) > KEY_LENGTH:
        raise Invalid({"key": f"The key of a mail has 1 to {KEY_LENGTH} characters."})
    there = _by_key(session, key)
    if there is not None:
        return there
    now = utcnow()
    frozen = MailContent(draft=dict(content), context=context, offer=offer, created_at=now)
    session.add(frozen)
    session.flush()
    row = row_of(
        vault,
        now,
        key=key,
        content_id=frozen.id,
        recipient_id=recipient_id,
        address=address,
        kind=kind,
        values=values,
        barred=reason_of(session, address, kind, topic_of(kind, context, offer)) or "",
    )
    row |= {"server_id": server_id, "give_up_at": now + patience}
    if priority is not None:
        row["priority"] = priority
    _insert_once(session, row)
    poke.soon(session)
    mail = _by_key(session, key)
    assert mail is not None
    return mail


def values_row(key: str) -> str:
    """The name under which the vault seals the values of a mail."""
    return f"outbox:{key}"


def row_of(
    vault: Vault,
    now: datetime,
    *,
    key: str,
    content_id: int,
    recipient_id: int | None,
    address: str,
    kind: str,
    values: Mapping[str, str] | None,
    barred: str,
) -> dict[str, Any]:
    """A new row: queued, or suppressed for the reason `barred`."""
    return {
        "key": key,
        "content_id": content_id,
        "recipient_id": recipient_id,
        "address": address,
        "kind": Kind(kind).value,
        "priority": PRIORITY[Kind(kind)],
        "state": State.SUPPRESSED.value if barred else State.QUEUED.value,
        "reason": barred,
        "values": _sealed(vault, key, values) if values and not barred else None,
        "not_before": now,
        "give_up_at": now + PATIENCE,
        "created_at": now,
        "changed_at": now,
    }


def _sealed(vault: Vault, key: str, values: Mapping[str, str]) -> str:
    return vault.encrypt(json.dumps(dict(values)), row=values_row(key))


def _by_key(session: Session, key: str) -> OutboxMail | None:
    return session.scalars(select(OutboxMail).where(OutboxMail.key == key)).one_or_none()


def _insert_once(session: Session, row: Mapping[str, Any]) -> None:
    """Another process may have been first: the unique key decides, not a look beforehand."""
    session.execute(
        inserting(session, OutboxMail).values(**row).on_conflict_do_nothing(index_elements=["key"])
    )


def _insert_rows(session: Session, moment: _Moment, audience: Select[Any]) -> None:
    rows = _rows(moment, audience, domains=any_domain(session))
    session.execute(
        inserting(session, OutboxMail).from_select(
            [str(column.key) for column in rows.selected_columns], rows
        )
    )


def _rows(moment: _Moment, audience: Select[Any], *, domains: bool) -> Select[Any]:
    """The rows to be, with every reason not to mail somebody worked out by the database."""
    mailing, now = moment.mailing, literal(moment.now, UtcDateTime)
    people = _people(audience)
    twice = _twice(people)
    rows: Any = people.outerjoin(twice, twice.c.low == people.c.low)
    reasons: list[tuple[ColumnElement[bool], Any]] = []
    keys = [people.c.low, *([domain_of(people.c.low)] if domains else [])]
    for scope in scopes_of(mailing.kind, moment.topic):
        for key in keys:
            barred = aliased(Suppression)
            rows = rows.outerjoin(barred, and_(barred.address == key, barred.scope == scope))
            reasons.append((barred.reason.is_not(None), barred.reason))
    reason = case(
        *reasons,
        (people.c.low == "", "no_address"),
        (twice.c.first < people.c.person, "duplicate_address"),
        else_="",
    )
    state = case((reason == "", State.QUEUED.value), else_=State.SUPPRESSED.value)
    server = null() if mailing.server_id is None else literal(mailing.server_id)
    return (
        select(
            (literal(f"{mailing.id}:") + cast(people.c.person, String)).label("key"),
            literal(mailing.id).label("mailing_id"),
            literal(mailing.content_id).label("content_id"),
            people.c.person.label("recipient_id"),
            people.c.address.label("address"),
            literal(mailing.kind).label("kind"),
            literal(PRIORITY[Kind(mailing.kind)]).label("priority"),
            cast(server, Integer).label("server_id"),
            state.label("state"),
            reason.label("reason"),
            now.label("not_before"),
            literal(moment.now + PATIENCE, UtcDateTime).label("give_up_at"),
            now.label("created_at"),
            now.label("changed_at"),
        )
        .select_from(rows)
        .order_by(people.c.person)
    )


def _people(audience: Select[Any]) -> CTE:
    """Who is meant, worked out once."""
    meant = audience.order_by(None).subquery()
    person, address = list(meant.columns)[:2]
    return select(person.label("person"), address.label("address"), func.lower(address).label("low")).cte(
        "people"
    )


def _twice(people: CTE) -> Subquery:
    """The addresses that several of them have, each with the first who has it: nearly always none.

    Numbering everybody within his address would sort them all twice, with all that their rows hold.
    """
    return (
        select(people.c.low, func.min(people.c.person).label("first"))
        .group_by(people.c.low)
        .having(func.count() > 1)
        .subquery("twice")
    )
