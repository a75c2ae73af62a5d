"""Rules as sentences, and what there is to choose from in a rule, as far as the reader may know of it."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.affiliates import groups, queries
from webapp.affiliates.access import sees_all
from webapp.affiliates.forms import STATUS_LABELS
from webapp.affiliates.models import AffiliateGroup
from webapp.feedback.preferences import TOPICS
from webapp.offers import queries as offers
from webapp.segments import fields
from webapp.segments.conditions import ME
from webapp.segments.fields import FIELDS
from webapp.segments.rules import Group, Groups, Rule

Choices = Mapping[str, Mapping[str, str]]
GONE = "something that is gone"


def choices(session: Session, user: User) -> Choices:
    """By key of a field: the values that can be chosen, with their names."""
    managers = {str(one.id): one.name for one in queries.managers(session)} if sees_all(user) else {}
    return {
        "status": STATUS_LABELS,
        "group": {"0": "No group", **{str(one.id): one.name for one in groups.with_names(session)}},
        "manager": {"0": "Nobody", ME: "Whoever looks or sends", **managers},
        "offer": dict(offers.choices(session, user)),
        "category": {one: one for one in offers.categories(session, user)},
        "news": {key: label for key, (label, _) in TOPICS.items()},
    }


def sentence(session: Session, groups_of_it: Groups) -> str:
    """All of it: “Country is one of GB, IE and Tags has one of vip; or …; but not those whose …”."""
    named = _names(session, groups_of_it)
    inside = [_group(named, group) for group in groups_of_it if not group.minus]
    outside = [_group(named, group) for group in groups_of_it if group.minus]
    words = "; or ".join(inside) or "Everybody"
    return words + "".join(f"; but not: {one}" for one in outside)


def _group(named: Choices, group: Group) -> str:
    return " and ".join(rule_in_words(rule, named) for rule in group.rules)


def rule_in_words(rule: Rule, named: Choices) -> str:
    """One rule. A value whose name is not known stands as it is."""
    known = FIELDS[rule.field]
    word, asked = known.ops[rule.op]
    values = ", ".join(named.get(rule.field, {}).get(one, one) for one in rule.values)
    if asked == fields.DAYS:
        return f"{known.label} {word.removesuffix(' days:').removesuffix(':')} {_days(values, rule.op)}"
    return f"{known.label} {word} {values}".strip()


def _days(value: str, op: str) -> str:
    days = "day" if value == "1" else "days"
    return f"{value} {days}" + (" ago" if op == "older" else "")


def _names(session: Session, groups_of_it: Groups) -> Choices:
    """Names of the groups and managers that the rules name, whoever reads: they are part of the segment."""
    return {
        "status": STATUS_LABELS,
        "group": {"0": "no group", **_looked_up(session, groups_of_it, "group")},
        "manager": {"0": "nobody", ME: "whoever looks", **_looked_up(session, groups_of_it, "manager")},
        "news": {key: label for key, (label, _) in TOPICS.items()},
    }


def _looked_up(session: Session, groups_of_it: Groups, key: str) -> Mapping[str, str]:
    numbers = {int(value) for value in _values(groups_of_it, key) if value.isdecimal()}
    if key == "group":
        rows = session.execute(
            select(AffiliateGroup.id, AffiliateGroup.name).where(AffiliateGroup.id.in_(numbers))
        )
        known = {row.id: row.name for row in rows}
    else:
        known = {one.id: one.name for one in session.scalars(select(User).where(User.id.in_(numbers)))}
    return {str(number): known.get(number, GONE) for number in numbers}


def _values(groups_of_it: Sequence[Group], key: str) -> Iterator[str]:
    for group in groups_of_it:
        for rule in group.rules:
            if rule.field == key:
                yield from rule.values
