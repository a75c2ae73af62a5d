"""From rules to one condition for a query on `Affiliate`. None of them is ever NULL, so that leaving out is just NOT."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, false, func, literal, not_, or_, select, true
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.affiliates.models import Affiliate
from webapp.db import domain_of, utcnow
from webapp.errors import Invalid, NotFound
from webapp.imports.cleaning import day
from webapp.mail.models import Suppression
from webapp.mail.suppressions import ALL, ANNOUNCEMENT, any_domain
from webapp.offers import access as offers
from webapp.offers.models import Assignment, Offer
from webapp.segments import fields
from webapp.segments.fields import FIELDS, Field
from webapp.segments.models import AffiliateActivity
from webapp.segments.rules import Group, Rule
from webapp.settings import store

Condition = ColumnElement[bool]
ME = "me"  # as manager: whoever asks


@dataclass(frozen=True)
class Reader:
    """Who asks, when, and in which time zone days are meant. `user` None is the operator, who sees every offer."""

    session: Session
    user: User | None
    now: datetime = field(default_factory=utcnow)

    @property
    def zone(self) -> ZoneInfo:
        return store.identity(self.session).zone


def condition(reader: Reader, groups: Sequence[Group]) -> Condition:
    """Whom the groups name. `Invalid` for `rules` when one names an offer that the reader may not see."""
    named = [_group(reader, group) for group in groups if not group.minus]
    left_out = [_group(reader, group) for group in groups if group.minus]
    return and_(or_(false(), *named) if named else true(), *(not_(one) for one in left_out))


def _group(reader: Reader, group: Group) -> Condition:
    return and_(true(), *(_rule(reader, rule) for rule in group.rules))


def _rule(reader: Reader, rule: Rule) -> Condition:
    known = FIELDS[rule.field]
    found: Condition = _KINDS[known.kind](reader, known, rule)
    return found


def _text(_reader: Reader, known: Field, rule: Rule) -> Condition:
    column = func.coalesce(getattr(Affiliate, known.column), "")
    if rule.op in ("filled", "empty"):
        return column != "" if rule.op == "filled" else column == ""
    value = rule.values[0]
    same = func.lower(column) == func.lower(literal(value))
    holds: Mapping[str, Condition] = {
        "is": same,
        "is_not": not_(same),
        "contains": column.icontains(value, autoescape=True),
        "lacks": not_(column.icontains(value, autoescape=True)),
        "begins": column.istartswith(value, autoescape=True),
    }
    return holds[rule.op]


def _codes(_reader: Reader, known: Field, rule: Rule) -> Condition:
    column = getattr(Affiliate, known.column)
    if rule.op in ("filled", "empty"):
        return column != "" if rule.op == "filled" else column == ""  # type: ignore[no-any-return]
    found = func.lower(column).in_([value.lower() for value in rule.values])
    return found if rule.op == "any" else not_(found)


def _tags(_reader: Reader, known: Field, rule: Rule) -> Condition:
    if rule.op in ("filled", "empty"):
        return _codes(_reader, known, rule)
    whole = literal(",") + Affiliate.tags + literal(",")
    has = [whole.icontains(f",{tag},", autoescape=True) for tag in rule.values]
    return {"any": or_(false(), *has), "all": and_(true(), *has), "no": not_(or_(false(), *has))}[rule.op]


def _choice(reader: Reader, known: Field, rule: Rule) -> Condition:
    column = getattr(Affiliate, known.column)
    if known.key == "status":
        found: Condition = column.in_(rule.values)
    else:
        numbers = [_number(reader, value) for value in rule.values]
        some = and_(column.is_not(None), column.in_([one for one in numbers if one]))
        found = or_(some, column.is_(None)) if 0 in numbers else some
    return found if rule.op == "any" else not_(found)


def _number(reader: Reader, value: str) -> int:
    """The id that a choice means; 0 is none at all, and `me` of nobody is nobody."""
    if value == ME:
        return reader.user.id if reader.user is not None else -1
    return int(value)


def _when(reader: Reader, known: Field, rule: Rule) -> Condition:
    column = getattr(Affiliate, known.column)
    if rule.op in ("within", "older"):
        since = reader.now - timedelta(days=int(rule.values[0]))
        return column >= since if rule.op == "within" else column < since  # type: ignore[no-any-return]
    midnight = datetime.combine(datetime.fromisoformat(day(rule.values[0], what="rule")), time(), reader.zone)
    return column >= midnight if rule.op == "since" else column < midnight  # type: ignore[no-any-return]


_STATES = {
    "on": ("approved",),
    "not_on": ("approved",),
    "requested": ("requested",),
    "refused": ("denied", "blocked"),
}


def _offer(reader: Reader, _known: Field, rule: Rule) -> Condition:
    try:
        offer = offers.by_cid(reader.session, reader.user, rule.values[0])
    except NotFound as error:
        words = f"A rule names the offer {rule.values[0]}, which is not there any more or isn’t one of yours."
        raise Invalid({"rules": f"{words} Change the rule, or ask its owner."}) from error
    assigned = select(Assignment.affiliate_id).where(Assignment.offer_id == offer.id)
    if rule.op == "without":
        return Affiliate.id.not_in(assigned)
    some = Affiliate.id.in_(assigned.where(Assignment.state.in_(_STATES[rule.op])))
    return not_(some) if rule.op == "not_on" else some


def _category(reader: Reader, _known: Field, rule: Rule) -> Condition:
    seen = true() if reader.user is None else offers.visible(reader.user)
    of_it = select(Offer.id).where(func.lower(Offer.category) == func.lower(literal(rule.values[0])), seen)
    running = select(Assignment.affiliate_id).where(
        Assignment.state == "approved", Assignment.offer_id.in_(of_it)
    )
    found = Affiliate.id.in_(running)
    return found if rule.op == "on" else not_(found)


def _running(_reader: Reader, _known: Field, rule: Rule) -> Condition:
    # Asked of each affiliate, by the index that begins with him: a list of all who run something would be the larger one.
    found = (
        select(Assignment.affiliate_id)
        .where(Assignment.affiliate_id == Affiliate.id, Assignment.state == "approved")
        .exists()
    )
    return found if rule.op == "some" else not_(found)


def _activity(reader: Reader, known: Field, rule: Rule) -> Condition:
    at = getattr(AffiliateActivity, known.column)
    lately = rule.op in ("within", "not_within")
    held = at >= reader.now - timedelta(days=int(rule.values[0])) if lately else at.is_not(None)
    found = Affiliate.id.in_(select(AffiliateActivity.affiliate_id).where(held))
    return found if rule.op in ("within", "ever") else not_(found)


def _news(reader: Reader, _known: Field, rule: Rule) -> Condition:
    left = select(Suppression.address).where(Suppression.scope.in_((ALL, ANNOUNCEMENT, rule.values[0])))
    found: Condition = Affiliate.address.in_(left)
    if any_domain(reader.session):
        found = or_(found, domain_of(Affiliate.address).in_(left))
    return found if rule.op == "left" else not_(found)


_KINDS: Mapping[str, Callable[[Reader, Field, Rule], Any]] = {
    fields.TEXT: _text,
    fields.CODES: _codes,
    fields.TAGS: _tags,
    fields.CHOICE: _choice,
    fields.WHEN: _when,
    fields.OFFER: _offer,
    fields.CATEGORY: _category,
    fields.RUNNING: _running,
    fields.ACTIVITY: _activity,
    fields.NEWS: _news,
}
