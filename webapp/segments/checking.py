"""What is asked of rules before they are saved or counted: each refusal names the rule, the reason and the remedy."""

from collections.abc import Sequence
from functools import partial

from webapp.accounts.models import User
from webapp.affiliates.access import sees_details
from webapp.affiliates.countries import country_code
from webapp.affiliates.details import STATUSES
from webapp.errors import Invalid
from webapp.imports.cleaning import Refusal, day, line
from webapp.mail.topics import TOPICS
from webapp.segments import fields
from webapp.segments.conditions import ME
from webapp.segments.fields import FIELDS, Field, asks_for
from webapp.segments.rules import (
    LONGEST_VALUE,
    MOST_GROUPS,
    MOST_RULES,
    MOST_VALUES,
    Group,
    Groups,
    Rule,
)

LONGEST_AGO = 3_650
_line = partial(line, most=LONGEST_VALUE, what="value")


def checked(user: User | None, groups: Sequence[Group]) -> Groups:
    """The rules with tidy values. Raises `Invalid` with a key `g0r1` for each rule that is refused, `rules` for the whole."""
    problems: dict[str, str] = {}
    if not groups:
        problems["rules"] = "There is no rule yet. Add one, or write to all affiliates without a segment."
    if len(groups) > MOST_GROUPS:
        problems["rules"] = f"There are more than {MOST_GROUPS} groups. Make two segments of it."
    tidy = tuple(_group(user, at, group, problems) for at, group in enumerate(groups))
    if problems:
        raise Invalid(problems)
    return tidy


def _group(user: User | None, at: int, group: Group, problems: dict[str, str]) -> Group:
    if not group.rules:
        problems[f"g{at}"] = (
            "This group has no rule, so it would be everybody. Add a rule or remove the group."
        )
    if len(group.rules) > MOST_RULES:
        problems[f"g{at}"] = f"This group has more than {MOST_RULES} rules. Remove some."
    rules = []
    for number, rule in enumerate(group.rules):
        try:
            rules.append(_rule(user, rule))
        except Refusal as refusal:
            problems[f"g{at}r{number}"] = str(refusal)
    return Group(tuple(rules), group.minus)


def _rule(user: User | None, rule: Rule) -> Rule:
    known = FIELDS.get(rule.field)
    if known is None or rule.op not in known.ops:
        raise Refusal("This rule is none that we know. Remove it and add another.")
    if known.private and user is not None and not sees_details(user):
        raise Refusal(f"{known.label} is only asked for by those who may view affiliate details. Remove it.")
    return Rule(rule.field, rule.op, _values(known, rule))


def _values(known: Field, rule: Rule) -> tuple[str, ...]:
    asked = asks_for(known, rule.op)
    if asked == fields.NONE:
        return ()
    values = tuple(dict.fromkeys(tidy for value in rule.values if (tidy := _line(value))))
    if not values:
        raise Refusal(f"“{known.label} {known.ops[rule.op][0]}” is compared with nothing. Fill it in.")
    if len(values) > (MOST_VALUES if asked == fields.SOME else 1):
        raise Refusal(f"That is more than can be compared with {known.label}. Remove some.")
    if asked == fields.DAYS:
        return (_days(values[0]),)
    if asked == fields.DAY:
        return (_day(values[0]),)
    return tuple(_known_value(known, value) for value in values)


def _days(value: str) -> str:
    if not (value.isascii() and value.isdecimal() and 1 <= int(value[:6]) <= LONGEST_AGO and len(value) < 6):
        raise Refusal(f"“{value[:40]}” is no number of days. Write one from 1 to {LONGEST_AGO:,}.")
    return str(int(value))


def _day(value: str) -> str:
    """Of a year that a moment in every time zone can lie in."""
    found = day(value, what="rule")
    if not "1900" <= found[:4] < "3000":
        raise Refusal(f"{found} is too far away. Write a day from 1900 to 2999.")
    return found


def _known_value(known: Field, value: str) -> str:
    if known.key == "country":
        code = country_code(value)
        if not code:
            raise Refusal(f"“{value[:40]}” is no country we know. Use two letters such as GB.")
        return code
    if known.key == "status" and value not in STATUSES:
        raise Refusal(f"“{value[:40]}” is no status. Choose one of the list.")
    if known.key == "news" and value not in TOPICS:
        raise Refusal(f"“{value[:40]}” is no kind of news. Choose one of the list.")
    if known.key in ("group", "manager") and not (
        (value.isascii() and value.isdecimal() and len(value) < 10)
        or (known.key == "manager" and value == ME)
    ):
        raise Refusal(f"“{value[:40]}” is no {known.label.lower()}. Choose one of the list.")
    return value
