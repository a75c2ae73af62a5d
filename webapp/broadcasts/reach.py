"""Whom a message reaches and who is left out, with the reasons: counted before anything leaves."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    distinct,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.affiliates.audience import audience_query
from webapp.affiliates.models import Affiliate, AffiliateGroup
from webapp.affiliates.values import COLUMNS
from webapp.broadcasts.frequency import among_them
from webapp.mail import links
from webapp.mail.suppressions import ANNOUNCEMENT, barring
from webapp.mail.tokens import TOKENS, parse
from webapp.mail.tokens.conditions import Condition
from webapp.mail.tokens.needs import Guards, needs
from webapp.offers.access import by_cid
from webapp.offers.values import lacking as lacking_offer
from webapp.offers.values import offer_keys
from webapp.settings import store

SAMPLE = 12
MANY = 20_000  # from so many on it pays to ask first whether any two share an address


@dataclass(frozen=True)
class Someone:
    """An affiliate by name, for a list of who is left out."""

    id: int
    name: str
    email: str


@dataclass(frozen=True)
class Reach:
    """`named` affiliates are in the audience. `missing` of those who get it lack a value without a default;
    `enough` have had as many announcements lately as the rules allow."""

    named: int
    suppressed: int
    duplicates: int
    missing: int
    enough: int = 0

    @property
    def will_get(self) -> int:
        return self.named - self.suppressed - self.duplicates - self.enough


Needed = Mapping[str, ColumnElement[bool]]
Scopes = Sequence[str]
"""What bars the message: `content.scopes_of` its class and what it is about."""


def needed(session: Session, *written: str, offer: str = "") -> Needed:
    """The values that a text (its subject, its HTML, …) uses somewhere without a default: by key the condition under which
    an affiliate has none.

    `offer` is the CID that the text is about. A value of the offer itself that is empty is missing for everybody.
    """
    about = by_cid(session, None, offer) if offer else None
    seen: dict[str, list[Guards]] = {}
    for each in written:
        for key, guards in needs(parse(each)).items():
            seen.setdefault(key, []).extend(guards)
    found: dict[str, ColumnElement[bool]] = {}
    for key, guards in seen.items():
        shown = or_(*(_shown(one) for one in guards))
        if key in COLUMNS:
            found[key] = and_(_value(key) == "", shown)
        elif key in links.KEYS:
            if not _leads(key, store.identity(session)):
                found[key] = shown
        elif about is not None and key in offer_keys():
            found[key] = and_(lacking_offer(about, key), shown)
    return found


def _leads(key: str, identity: store.Identity) -> bool:
    """Whether there is anything behind such a link."""
    if key == "taxdoc" and identity.tax_form == "off":
        return False
    return identity.portal_open or key not in links.OF_THE_PORTAL


def _shown(guards: Guards) -> ColumnElement[bool]:
    """Whether an affiliate sees what stands behind these conditions. One that only sending can answer counts as met."""
    return and_(
        true(),
        *(
            _holds(condition) if shown else not_(_holds(condition))
            for condition, shown in guards
            if condition.key in COLUMNS
        ),
    )


def _holds(condition: Condition) -> ColumnElement[bool]:
    value = _value(condition.key)
    found = value != "" if condition.wanted is None else func.lower(value) == condition.wanted
    return not_(found) if condition.negated else found


def _value(key: str) -> ColumnElement[str]:
    return func.coalesce(func.trim(COLUMNS[key]), "")


def reach(session: Session, expression: str, author: User | None, scopes: Scopes, keys: Needed) -> Reach:
    """Counts for an audience. Each is asked for by itself: together, SQLite looks every suppression up once for each of them."""
    rows = rows_of(session, expression, author, scopes, keys).subquery()
    kept = and_(not_(rows.c.suppressed), not_(rows.c.enough))
    named = _count(session, rows)
    suppressed = _count(session, rows, rows.c.suppressed)
    limited = ANNOUNCEMENT in scopes and among_them(session, Affiliate.id) is not None
    enough = _count(session, rows, not_(rows.c.suppressed), rows.c.enough) if limited else 0
    left = named - suppressed - enough
    if left < MANY or _anybody_shares(session):
        addresses = session.scalar(select(func.count(distinct(rows.c.address))).where(kept)) or 0
    else:
        addresses = left
    missing = _count(session, rows, kept, rows.c.missing) if keys else 0
    if missing and left > addresses:
        missing = len(lacking(session, expression, author, scopes, keys))
    return Reach(named, suppressed, left - addresses, missing, enough)


def _count(session: Session, rows: Subquery, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(rows).where(*conditions)) or 0


def left_out(
    session: Session, expression: str, author: User | None, scopes: Scopes, keys: Needed, why: str
) -> list[Someone]:
    """The first of those who are `suppressed`, `enough`, `duplicates` or `missing`; `names` gives the first who get it."""
    rows = rows_of(session, expression, author, scopes, keys, turns=why == "duplicates").subquery()
    kept = and_(not_(rows.c.suppressed), not_(rows.c.enough))
    chosen = {
        "suppressed": rows.c.suppressed,
        "enough": and_(not_(rows.c.suppressed), rows.c.enough),
        "duplicates": and_(kept, rows.c.turn > 1),
        "missing": and_(kept, rows.c.missing),
        "names": kept,
    }[why]
    ids = select(rows.c.id).where(chosen).order_by(rows.c.id).limit(SAMPLE)
    found = session.scalars(select(Affiliate).where(Affiliate.id.in_(ids)).order_by(Affiliate.id))
    return [Someone(one.id, one.name, one.email) for one in found]


def lacking(
    session: Session, expression: str, author: User | None, scopes: Scopes, keys: Needed
) -> list[int]:
    """Ids of those who would get it with a hole in the text."""
    rows = rows_of(session, expression, author, scopes, keys, turns=True).subquery()
    query = select(rows.c.id).where(
        rows.c.missing, not_(rows.c.suppressed), not_(rows.c.enough), rows.c.turn == 1
    )
    return list(session.scalars(query))


def who_get_it(
    session: Session, expression: str, author: User | None, scopes: Scopes, keys: Needed
) -> Select[Any]:
    """A query for the ids of those whom the message reaches and who lack none of these values."""
    rows = rows_of(session, expression, author, scopes, keys).subquery()
    return select(rows.c.id).where(not_(rows.c.suppressed), not_(rows.c.enough), not_(rows.c.missing))


def names_of(keys: Collection[str]) -> list[str]:
    """Token names as people write them."""
    return [TOKENS[key].written() for key in keys]


def rows_of(
    session: Session,
    expression: str,
    author: User | None,
    scopes: Scopes,
    keys: Needed,
    *,
    turns: bool = False,
) -> Select[Any]:
    """One row for each of the audience; with `turns` also which one of its address it is: the first gets the mail."""
    audience = audience_query(session, expression, author).order_by(None)
    barred = barring(session, Affiliate.address, scopes)
    turn = (
        func.row_number().over(partition_by=Affiliate.address, order_by=Affiliate.id) if turns else literal(1)
    )
    query: Select[Any] = audience.with_only_columns(
        Affiliate.id,
        Affiliate.address,
        barred.label("suppressed"),
        _enough(session, scopes).label("enough"),
        turn.label("turn"),
        or_(false(), *keys.values()).label("missing"),
    )
    if any(key.startswith("affiliate.group") for key in keys):
        query = query.outerjoin(AffiliateGroup, AffiliateGroup.id == Affiliate.group_id)
    if any(key.startswith("affiliatemanager.") for key in keys):
        query = query.outerjoin(User, User.id == Affiliate.manager_id)
    return query


def _anybody_shares(session: Session) -> bool:
    """Whether any two affiliates have one address: the index alone can tell."""
    shared = select(Affiliate.address).group_by(Affiliate.address).having(func.count() > 1)
    return session.scalar(shared.limit(1)) is not None


def _enough(session: Session, scopes: Scopes) -> ColumnElement[bool]:
    enough = among_them(session, Affiliate.id) if ANNOUNCEMENT in scopes else None
    return false() if enough is None else enough
