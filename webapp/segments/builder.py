"""The builder: rules as fields of a form, which buttons add and remove. It works without JavaScript: each button sends the form.

Group 0 has `g0` (in or out); its rule 1 has `g0r1` (the field), `g0r1-op` and `g0r1-value`, the last as often as it has values.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField

from webapp.errors import Invalid
from webapp.segments import fields
from webapp.segments.fields import FIELDS, Field, asks_for
from webapp.segments.rules import MOST_GROUPS, MOST_RULES, MOST_VALUES, Group, Groups, Rule
from webapp.web.forms import Form, TextField

IN, OUT = "in", "out"
SAVE, LOOK = "save", "look"
START: Groups = (Group((Rule("status", "any", ("active",)),)),)


class SegmentForm(Form):
    """What stands beside the rules."""

    name = TextField("Name", render_kw={"autocomplete": "off", "maxlength": 100})
    shared = BooleanField("Share with the team")

    def refuse(self, error: Invalid) -> None:
        """What is wrong with a rule stands beside it too: `rule_errors` by the id of the rule."""
        super().refuse(error)
        self.rule_errors = {key: words for key, words in error.problems.items() if key not in self}


@dataclass(frozen=True)
class Line:
    """A rule as the page draws it. `asked` is what it is compared with, `options` the choice where there is one."""

    id: str
    field: Field
    rule: Rule
    asked: str
    options: dict[str, str]

    @property
    def typed(self) -> str:
        """Its values as one line of text."""
        return ", ".join(self.rule.values)


def lines(
    groups: Sequence[Group], choices: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[Group, list[Line]]]:
    """The groups with their rules to draw; a value that is no choice any more stays one."""
    for at, group in enumerate(groups):
        drawn = []
        for number, rule in enumerate(group.rules):
            known = FIELDS[rule.field]
            options = dict(choices.get(rule.field, {}))
            if options:
                options |= {value: value for value in rule.values if value not in options}
            drawn.append(Line(f"g{at}r{number}", known, rule, asks_for(known, rule.op), options))
        yield group, drawn


def typed(form: MultiDict[str, str]) -> Groups:
    """The groups as they stand in a form; what nobody could have typed is left out."""
    return tuple(
        Group(tuple(_rules(form, f"g{at}")), form[f"g{at}"] == OUT)
        for at in range(MOST_GROUPS + 1)
        if f"g{at}" in form
    )


def _rules(form: MultiDict[str, str], group: str) -> Iterator[Rule]:
    for number in range(MOST_RULES + 1):
        key = f"{group}r{number}"
        known = FIELDS.get(form.get(key, ""))
        if known is not None:
            op = form.get(f"{key}-op", "")
            op = op if op in known.ops else next(iter(known.ops))
            yield Rule(known.key, op, _values(form.getlist(f"{key}-value"), asks_for(known, op), known))


def _values(given: list[str], asked: str, known: Field) -> tuple[str, ...]:
    if asked == fields.SOME and known.kind in (fields.CODES, fields.TAGS):
        given = [one for text in given for one in text.split(",")]
    return tuple(value.strip() for value in given if value.strip())[: MOST_VALUES + 1]


def pressed(groups: Groups, button: str, form: MultiDict[str, str]) -> Groups:
    """The groups after a button: `rule:0` adds one to group 0, `drop:0:1` takes a rule and `drop:0` a group away, `group` and
    `minus` add a group. Any other changes nothing."""
    word, _, place = button.partition(":")
    if word in ("group", "minus") and len(groups) < MOST_GROUPS:
        return (*groups, Group((), word == "minus"))
    group, _, rule = place.partition(":")
    at = _place(group)
    if at >= len(groups):
        return groups
    if word == "rule" and len(groups[at].rules) < MOST_RULES:
        return _with(groups, at, (*groups[at].rules, *_new(form.get(f"g{at}-add", ""))))
    if word == "drop" and rule:
        kept = [one for number, one in enumerate(groups[at].rules) if number != _place(rule)]
        return _with(groups, at, tuple(kept))
    if word == "drop":
        return groups[:at] + groups[at + 1 :]
    return groups


def _place(typed: str) -> int:
    """A number of a button; one behind all groups and rules for what no button says."""
    return int(typed) if typed.isdecimal() and len(typed) < 4 else 1_000


def _with(groups: Groups, at: int, rules: tuple[Rule, ...]) -> Groups:
    return (*groups[:at], replace(groups[at], rules=rules), *groups[at + 1 :])


def _new(key: str) -> Iterator[Rule]:
    known = FIELDS.get(key)
    if known is not None:
        yield Rule(key, next(iter(known.ops)))
